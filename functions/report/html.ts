const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text that is safe between tags and in attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => ENTITIES[letter] ?? '');
}

/** A name from a vendor: safe, and with a reading direction of its own, so that it cannot turn what follows. */
export function nameHtml(name: string): string {
  return `<bdi>${escapeHtml(name)}</bdi>`;
}

/** A cell of a table, as HTML. */
export interface Cell {
  readonly html: string;
  /** `head`: names the row. `number`: aligned right. @default 'text' */
  readonly kind?: 'head' | 'number' | 'text';
  /** Class of the cell, such as `bad`. */
  readonly tone?: string;
}

/** A column of a table. */
export interface Heading {
  /** Safe HTML. */
  readonly html: string;
  readonly isNumber?: boolean;
}

/** A table that scrolls within itself where the page is narrow. @param label what it shows, for screen readers */
export function htmlTable(label: string, headings: readonly Heading[], rows: readonly (readonly Cell[])[]): string {
  const head = headings.map(({ html, isNumber }) => `<th scope="col"${isNumber ? ' class="n"' : ''}>${html}</th>`);
  const body = rows.map((row) => `<tr>${row.map(cellHtml).join('')}</tr>`);
  return [
    `<div class="scroll" role="region" aria-label="${escapeHtml(label)}" tabindex="0"><table>`,
    `<thead><tr>${head.join('')}</tr></thead>`,
    `<tbody>\n${body.join('\n')}\n</tbody></table></div>`,
  ].join('');
}

function cellHtml({ html, kind = 'text', tone }: Cell): string {
  const classes = [...(kind === 'number' ? ['n'] : []), ...(tone ? [tone] : [])].join(' ');
  const attribute = classes === '' ? '' : ` class="${classes}"`;
  return kind === 'head' ? `<th scope="row"${attribute}>${html}</th>` : `<td${attribute}>${html}</td>`;
}

/** A dash that says why there is no figure. @param why completes "The vendor …", e.g. `gives no cost` */
export function unknownHtml(why: string): string {
  return `<span class="none" title="The vendor ${escapeHtml(why)}.">–</span>`;
}

/** A section of the page. @param id by which others link to it */
export function sectionHtml(id: string, title: string, lead: string, ...content: readonly string[]): string {
  const paragraph = lead === '' ? '' : `<p class="lead">${lead}</p>\n`;
  return `<section id="${id}"><h2>${title}</h2>\n${paragraph}${content.filter((part) => part !== '').join('\n')}</section>`;
}
