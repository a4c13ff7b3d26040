/** Drawings. */
export const CHART_STYLE = `
svg { display: block; max-width: 100%; }
svg text { font-size: 12px; fill: var(--soft); }
svg .label { paint-order: stroke; stroke: var(--page); stroke-width: 4px; stroke-linejoin: round; }
svg .strong { fill: var(--ink); font-weight: 600; }
svg .warn { fill: var(--bad); font-weight: 600; }
.narrow { display: none; }
.grid { stroke: var(--grid); }
.axis { stroke: var(--past); }
.closed { fill: var(--closed); }
.bar { fill: var(--bar); }
.bar.now { fill: var(--accent); }
.part { fill: none; stroke: var(--accent); stroke-width: 1.2; stroke-dasharray: 3 2; }
.mean { fill: none; stroke: var(--ink); stroke-width: 1.6; }
.median path, .p95 path { fill: none; stroke-width: 1.8; }
.median { stroke: var(--ink); fill: var(--ink); }
.p95 { stroke: var(--bad); fill: var(--bad); }
.target { stroke: var(--soft); stroke-dasharray: 4 3; }
.spark path { fill: none; stroke-width: 1.5; }
.spark .past { stroke: var(--past); }
.spark .now { stroke: var(--accent); stroke-width: 2; }
.spark circle { fill: var(--accent); }
.tile .spark { margin-top: auto; }
.multiples { display: grid; grid-template-columns: 1fr 1fr; gap: 8px 28px; margin-top: 14px; }
figure { margin: 0; }
figcaption { font-weight: 600; font-size: 13.5px; }
figcaption span { font-weight: 400; color: var(--soft); }
`;
