import type { ComponentChildren } from 'preact';

interface TableProps {
  caption: string;
  class?: string;
  children: ComponentChildren;
}

/** A table that scrolls sideways inside its own box, so that the page itself never does. */
export function Table({ caption, class: className = '', children }: TableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls has to be reachable by keyboard
    <section class="scroll" aria-label={caption} tabIndex={0}>
      <table class={className}>
        <caption>{caption}</caption>
        {children}
      </table>
    </section>
  );
}
