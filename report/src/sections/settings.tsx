import type { AppliedSetting } from '../../../src/host/settings/applied.ts';
import { describeTarget } from '../../../src/host/settings/describe-target.ts';
import type { MethodResult } from '../../../src/results/schema.ts';
import { formatCount, formatQuantity } from '../format.ts';
import { isMismatch, mismatches } from '../mismatches.ts';
import { Table } from './table.tsx';

export function SettingsSection({ methods }: { methods: readonly MethodResult[] }) {
  return (
    <section id="settings">
      <h2>Settings</h2>
      <p>What each method set on the host, and what was read back after it was applied.</p>
      {methods.map((method) => (
        <MethodSettings key={method.id} method={method} />
      ))}
    </section>
  );
}

function MethodSettings({ method }: { method: MethodResult }) {
  return (
    <section>
      <h3>
        {method.title} <span class="note">kernel {method.kernel}</span>
      </h3>
      {method.settings.length === 0 ? (
        <p>This method leaves the host as it is.</p>
      ) : (
        // Those that went wrong are to be seen at once.
        <details open={mismatches(method.settings).length > 0}>
          <summary>{settingsCaption(method)}</summary>
          <Table class="prose" caption={settingsCaption(method)}>
            <thead>
              <tr>
                <th scope="col">target</th>
                <th scope="col">setting</th>
                <th scope="col">before</th>
                <th scope="col">wanted</th>
                <th scope="col">actual</th>
                <th scope="col">why</th>
              </tr>
            </thead>
            <tbody>
              {method.settings.map((setting) => (
                <SettingRow key={JSON.stringify(setting)} setting={setting} />
              ))}
            </tbody>
          </Table>
        </details>
      )}
    </section>
  );
}

function settingsCaption({ title, settings }: MethodResult): string {
  const wrong = mismatches(settings).length;
  const state = wrong === 0 ? 'all as wanted' : `${formatCount(wrong)} not as wanted`;
  return `${title}: ${formatQuantity(settings.length, 'setting')}, ${state}.`;
}

function SettingRow({ setting }: { setting: AppliedSetting }) {
  const mismatch = isMismatch(setting);
  return (
    <tr class={mismatch ? 'mismatch' : ''}>
      <th scope="row">
        <code>{describeTarget(setting.target)}</code>
      </th>
      <td>{setting.kind.replaceAll('-', ' ')}</td>
      <td class="value">{setting.before === null ? '–' : <code>{setting.before}</code>}</td>
      <td class="value">
        <code>{setting.wanted}</code>
      </td>
      <td class="value">
        <code>{setting.actual}</code>
        {mismatch && <strong class="flag">not as wanted</strong>}
      </td>
      <td class="why">{setting.why}</td>
    </tr>
  );
}
