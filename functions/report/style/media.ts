/** Narrower screens, phones and print. A drawing that is shown smaller gets larger letters, so that none is below 11 px. */
export const MEDIA_STYLE = `
@media (max-width: 820px) {
  .first, .two, .multiples { grid-template-columns: 1fr; }
  .tiles { grid-template-columns: 1fr 1fr; }
  .short { padding-top: 0; }
  .meta { gap: 1px 16px; }
  .meta span + span:not(.badge + span)::before { content: none; }
  dl { columns: 1; }
}
@media screen and (min-width: 601px) and (max-width: 1000px) {
  .wide svg text { font-size: 18px; }
}
@media (max-width: 600px) {
  main { padding: 14px 16px 36px; }
  h1 { font-size: 22px; }
  section { margin-top: 32px; }
  .todo li { font-size: 15px; }
  .wide { display: none; }
  .narrow { display: block; }
  .tiles { gap: 8px; }
  .tile { padding: 9px 11px; }
  .value { font-size: 25px; }
  .tile .spark { width: 100%; }
  .multiples svg text { font-size: 17px; }
  .heat td:not(.sum) { font-size: 0; }
  .heat th, .heat td { height: 22px; border-width: 1px; }
  .heat .minor span, .heat tfoot { display: none; }
  .heat thead td { width: 32px; }
  .heat td.sum, .heat th.sum { width: 24px; }
  .heat thead th { overflow: visible; white-space: nowrap; }
  .bars th { width: 8.6em; font-size: 13px; }
  .bars .n { width: 8em; }
  .scroll { margin: 0 -16px; padding: 0 16px; }
  .scroll td { white-space: nowrap; }
  .scroll th[scope=row]:first-child { position: sticky; left: 0; background: var(--page); min-width: 8em; max-width: 9em; }
}
@media screen and (max-width: 360px) {
  .narrow svg text { font-size: 14px; }
  .multiples svg text { font-size: 21px; }
}
@media print {
  :root {
    color-scheme: light;
    --page: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #ccc; --grid: #e5e5e5; --closed: #f3f3f3;
    --bar: #8fbbd9; --accent: #0067a5; --past: #888; --link: #000;
    --good: #00694d; --good-back: #fff; --bad: #a83200; --bad-back: #fff; --late: #7a5200; --late-back: #fff;
    --heat1: #fde3d3; --heat2: #fbc4a2; --heat3: #f29a67; --heat4: #e0783f; --heat5: #a83f0d;
    --heat-ink: #14181c; --heat5-ink: #fff; --hot: #dd6b32;
  }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  @page { margin: 12mm; }
  body { font-size: 12px; }
  main { max-width: none; padding: 0; }
  section { margin-top: 20px; }
  a { text-decoration: none; }
  .first { grid-template-columns: 3fr 2fr; }
  .tiles { grid-template-columns: repeat(4, 1fr); }
  .two, .multiples { grid-template-columns: 1fr 1fr; }
  .wide { display: block; }
  .narrow, details { display: none; }
  .scroll { overflow: visible; margin: 0; padding: 0; }
  .tile, figure, tr, .heat, .bars, .todo { break-inside: avoid; }
  h2 { break-after: avoid; }
  svg { height: auto; }
}
`;
