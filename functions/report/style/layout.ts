/** The frame of the page: head, first screen, tiles, sections. */
export const LAYOUT_STYLE = `
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--ink); overflow-wrap: anywhere;
  font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; font-variant-numeric: tabular-nums;
}
main { max-width: 1104px; margin: 0 auto; padding: 22px 32px 48px; }
a { color: var(--link); white-space: nowrap; }
p { margin: .3em 0; }
h1 { font-size: 26px; line-height: 1.2; letter-spacing: -.01em; margin: 0 0 4px; text-wrap: balance; }
h2 { font-size: 19px; line-height: 1.25; letter-spacing: -.005em; margin: 0 0 2px; }
h3 { font-size: 13.5px; font-weight: 600; color: var(--soft); margin: 0; }
section { margin-top: 42px; scroll-margin-top: 12px; }
.whose { font-weight: 600; color: var(--soft); margin: 0; }
.meta { display: flex; flex-wrap: wrap; gap: 4px 16px; align-items: center; color: var(--soft); font-size: 13.5px; }
.meta span + span:not(.badge + span)::before { content: "· "; }
.lead { color: var(--soft); font-size: 13.5px; max-width: 82ch; margin: 0 0 12px; }
.gap { margin-top: 18px; }
.badge { display: inline-block; padding: 1px 9px; border-radius: 99px; font-size: 12.5px; font-weight: 600; white-space: nowrap; }
.badge::before { content: "● "; }
.badge.good { color: var(--good); background: var(--good-back); }
.badge.late { color: var(--late); background: var(--late-back); }
.badge.late::before { content: "◐ "; }
.badge.bad { color: var(--bad); background: var(--bad-back); }
.badge.bad::before { content: "▲ "; }
.first { display: grid; grid-template-columns: 3fr 2fr; gap: 16px 32px; margin: 16px 0 14px; align-items: start; }
.first h2 { font-size: 15px; letter-spacing: 0; margin-bottom: 4px; }
.todo { margin: 0; background: var(--card); border: 1px solid var(--line); border-left: 5px solid var(--accent); border-radius: 6px; padding: 12px 18px 12px 16px; }
.todo ol { margin: 0; padding-left: 1.5em; }
.todo li { margin: 5px 0; padding-left: 2px; font-size: 16px; }
.todo li::marker { font-weight: 650; color: var(--accent); }
.short { padding-top: 13px; }
.tiles { margin: 0; display: grid; grid-template-columns: repeat(4, 1fr); gap: 10px; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 10px 14px; display: flex; flex-direction: column; }
.value { font-size: 29px; font-weight: 650; line-height: 1.15; letter-spacing: -.02em; margin: 1px 0 0; }
.delta { font-size: 13px; margin: 1px 0 0; color: var(--soft); }
.tile.good .delta { color: var(--good); font-weight: 600; }
.tile.bad .delta { color: var(--bad); font-weight: 600; }
.tile.late .delta { color: var(--late); font-weight: 600; }
.note { font-size: 12.5px; line-height: 1.35; color: var(--soft); margin: 2px 0 6px; }
.two { display: grid; grid-template-columns: 1fr 1fr; gap: 0 44px; align-items: start; }
details { margin-top: 10px; }
summary { cursor: pointer; color: var(--link); font-size: 13.5px; }
dl { margin: 8px 0 0; font-size: 13px; columns: 2; column-gap: 40px; }
dl div { break-inside: avoid; margin-bottom: 9px; }
dt { font-weight: 600; }
dd { margin: 0; color: var(--soft); }
footer { margin-top: 30px; border-top: 1px solid var(--line); padding-top: 8px; font-size: 13px; color: var(--soft); }
`;
