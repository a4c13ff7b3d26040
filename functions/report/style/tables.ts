/** Tables, bars and the table of hours. */
export const TABLE_STYLE = `
.scroll { overflow-x: auto; }
.scroll:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 5px 12px 5px 0; border-bottom: 1px solid var(--line); font-weight: 400; vertical-align: middle; }
thead th { font-size: 12.5px; line-height: 1.25; color: var(--soft); vertical-align: bottom; border-bottom-color: var(--soft); }
.n { text-align: right; }
td.n, .scroll th.n { white-space: nowrap; }
.scroll th, .scroll td { overflow-wrap: normal; }
.scroll th[scope=row] { min-width: 9em; overflow-wrap: anywhere; }
td.late { color: var(--late); }
td .bad { color: var(--bad); }
.none { color: var(--soft); }
.bars th { width: 11em; padding: 3px 12px 3px 0; border: 0; font-size: 13.5px; }
.bars td { border: 0; padding: 3px 0; }
.bars .n { width: 9em; padding-left: 10px; font-size: 13px; }
.bars.short th { width: 8em; }
.bars.short .n { width: 4em; }
.track i { display: block; height: 15px; min-width: 1px; border-radius: 2px; background: var(--accent); }
.track i.hot { background: var(--hot); }
.heat { table-layout: fixed; }
.heat caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.heat th, .heat td { padding: 0; height: 26px; text-align: center; font-size: 12.5px; border: 1.5px solid var(--page); }
.heat thead th, .heat thead td, .heat tfoot td, .heat tfoot th { border: 0; font-size: 12px; color: var(--soft); }
.heat thead td { width: 40px; }
.heat th[scope=row] { text-align: left; color: var(--soft); }
.heat td.sum { background: none; border: 0; color: var(--soft); font-size: 12px; }
.heat td, .h0 { background: var(--closed); }
.heat thead td, .heat tfoot td { background: none; }
.heat .h1, .key .h1 { background: var(--heat1); }
.heat .h2, .key .h2 { background: var(--heat2); }
.heat .h3, .key .h3 { background: var(--heat3); color: var(--heat-ink); }
.heat .h4, .key .h4 { background: var(--heat4); color: #14181c; }
.heat .h5, .key .h5 { background: var(--heat5); color: var(--heat5-ink); font-weight: 600; }
.heat .open, .key .open { box-shadow: inset 0 0 0 1px var(--past); }
.key { display: flex; flex-wrap: wrap; gap: 4px 12px; align-items: center; font-size: 12.5px; color: var(--soft); }
.key i { display: inline-block; width: 15px; height: 13px; margin-right: 4px; border-radius: 2px; vertical-align: -2px; }
`;
