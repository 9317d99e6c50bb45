// Draws a part of a Perfetto trace as SVG, for the pictures in docs/: a row for each track, as in Perfetto's page.
//
//     node scripts/draw-trace.mjs TRACE FROM_US LENGTH_US [TRACK...] >picture.svg
//
// FROM_US counts from the beginning of the trace. Without names of tracks, it draws all that have slices there.

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { TraceSchema, TrackEvent_Type } from '../dist/reporters/perfetto/trace_pb.js';

const labelWidth = 300;
const width = 1100;
const rowHeight = 20;
const headHeight = 24;
const characterWidth = 6.2;
const colours = [
  '#a6cee3',
  '#b2df8a',
  '#fdbf6f',
  '#cab2d6',
  '#fb9a99',
  '#ffff99',
  '#ccc',
  '#8dd3c7',
];

const [file, fromUs, lengthUs, ...wanted] = process.argv.slice(2);
if (!(Number(fromUs) >= 0 && Number(lengthUs) > 0)) {
  console.error(
    'usage: node scripts/draw-trace.mjs TRACE FROM_US LENGTH_US [TRACK...] >picture.svg',
  );
  process.exit(2);
}

const tracks = new Map();
const slices = [];
const open = new Map();
for (const { data, timestamp } of fromBinary(TraceSchema, readFileSync(file)).packet) {
  if (data.case === 'trackDescriptor') {
    const { uuid, parentUuid, staticOrDynamicName } = data.value;
    tracks.set(uuid, { uuid, parentUuid, name: staticOrDynamicName.value ?? '' });
    continue;
  }
  const { type, trackUuid, nameField, flowIds } = data.value;
  const stack = open.get(trackUuid) ?? [];
  open.set(trackUuid, stack);
  if (type === TrackEvent_Type.SLICE_BEGIN) {
    stack.push({ trackUuid, name: nameField.value ?? '', flowIds, begin: timestamp });
  } else {
    slices.push({ ...stack.pop(), end: timestamp });
  }
}

const first = slices.reduce((least, { begin }) => (begin < least ? begin : least), slices[0].begin);
const at = (time) => Number(time - first) / 1000 - Number(fromUs);
const x = (us) =>
  labelWidth +
  (Math.min(Math.max(us, 0), Number(lengthUs)) / Number(lengthUs)) * (width - labelWidth);
const isInside = ({ begin, end }) => at(end) > 0 && at(begin) < Number(lengthUs);
const shown = slices.filter(isInside).filter(({ trackUuid }) => {
  const { name } = tracks.get(trackUuid);
  return wanted.length === 0 || wanted.some((one) => name.startsWith(one));
});
if (shown.length === 0) {
  console.error(`${file}: no slice of these tracks in this part`);
  process.exit(1);
}

const text = (value) =>
  value.replace(/[&<>]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c]);
const rows = [...tracks.values()].filter(({ uuid }) =>
  shown.some((slice) => slice.trackUuid === uuid),
);
const body = [];
const middle = new Map();
let y = headHeight;
let group;
let lastName;
for (const { uuid, parentUuid, name } of rows) {
  if (parentUuid !== group) {
    group = parentUuid;
    y += rowHeight;
    body.push(
      `<text x="4" y="${y - 6}" font-weight="bold">${text(tracks.get(group)?.name ?? '')}</text>`,
    );
    lastName = undefined;
  }
  body.push(`<line x1="${labelWidth}" x2="${width}" y1="${y}" y2="${y}" stroke="#ddd"/>`);
  if (name !== lastName) body.push(`<text x="14" y="${y + 14}">${text(name)}</text>`);
  lastName = name;
  middle.set(uuid, y + rowHeight / 2);
  y += rowHeight;
}

/** The same for slices that differ in a number only. */
function colourOf(name) {
  const letters = [...name.replace(/\d+/g, '')];
  const hash = letters.reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 65_521, 7);
  return colours[hash % colours.length];
}

for (const slice of shown) {
  const left = x(at(slice.begin));
  const right = x(at(slice.end));
  const top = middle.get(slice.trackUuid) - rowHeight / 2 + 2;
  const fill = colourOf(slice.name);
  const length = Math.max(right - left, 0.8);
  const us = (Number(slice.end - slice.begin) / 1000).toFixed(1);
  body.push(
    `<rect x="${left.toFixed(1)}" y="${top}" width="${length.toFixed(1)}" height="${rowHeight - 4}" ` +
      `fill="${fill}" stroke="#666" stroke-width="0.5"><title>${text(slice.name)}, ${us} us</title></rect>`,
  );
  const room = Math.floor((length - 4) / characterWidth);
  if (room >= 3) {
    const label = slice.name.length <= room ? slice.name : `${slice.name.slice(0, room - 1)}…`;
    body.push(
      `<text x="${(left + 3).toFixed(1)}" y="${top + 12}" font-size="10">${text(label)}</text>`,
    );
  }
}

const flows = new Map();
for (const slice of shown) {
  for (const id of slice.flowIds) flows.set(id, [...(flows.get(id) ?? []), slice]);
}
for (const steps of flows.values()) {
  steps.sort((a, b) => Number(a.begin - b.begin));
  for (const [index, to] of steps.slice(1).entries()) {
    const from = steps[index];
    const [y1, y2] = [middle.get(from.trackUuid), middle.get(to.trackUuid)];
    if (y1 === y2) continue;
    body.push(
      `<line x1="${x(at(from.end)).toFixed(1)}" y1="${y1}" x2="${x(at(to.begin)).toFixed(1)}" y2="${y2}" stroke="#d33"/>`,
    );
  }
}

const grid = [];
const tickUs = 10 ** Math.floor(Math.log10(Number(lengthUs) / 2));
for (let us = 0; us <= Number(lengthUs); us += tickUs) {
  grid.push(
    `<line x1="${x(us).toFixed(1)}" x2="${x(us).toFixed(1)}" y1="${headHeight - 4}" y2="${y}" stroke="#eee"/>`,
    `<text x="${x(us).toFixed(1)}" y="14" text-anchor="middle">${us}</text>`,
  );
}
console.log(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width + 16} ${y + 4}" font-family="sans-serif" font-size="11">
<title>${text(basename(file))}, ${lengthUs} us from ${fromUs} us</title>
<rect width="100%" height="100%" fill="#fff"/>
<text x="4" y="14">us</text>
${[...grid, ...body].join('\n')}
</svg>`);
