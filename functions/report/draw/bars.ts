/** One bar: a row of a table with its figures, so that it can be read without seeing. */
export interface Bar {
  /** Safe HTML. */
  readonly label: string;
  /** Length, 0 to 1; undefined if it is hidden. */
  readonly share: number | undefined;
  /** Safe HTML. */
  readonly text: string;
  /** True for what needs attention. @default false */
  readonly isHot?: boolean;
}

/** Horizontal bars. @param kind `short` if the labels and figures are */
export function bars(rows: readonly Bar[], kind: 'long' | 'short' = 'long'): string {
  const body = rows.map(({ label, share, text, isHot }) => {
    const bar = !share ? '' : `<i${isHot ? ' class="hot"' : ''} style="width:${(share * 100).toFixed(1)}%"></i>`;
    return `<tr><th scope="row">${label}</th><td class="track">${bar}</td><td class="n">${text}</td></tr>`;
  });
  return `<table class="bars ${kind}"><tbody>\n${body.join('\n')}\n</tbody></table>`;
}
