/**
 * Blue and vermilion of Okabe and Ito, which colour-blind readers can distinguish, made darker or lighter where they are text: every text has a
 * contrast of 4.5 : 1 or more. Good and bad are always said in words too.
 */
export const COLOURS = `
:root {
  color-scheme: light dark;
  --page: #fbfaf8; --card: #fff; --ink: #1c2126; --soft: #555f6a; --line: #dcd9d3; --grid: #e9e6e0; --closed: #f1eee8;
  --bar: #8fbbd9; --accent: #0067a5; --past: #8f9aa4; --link: #005a91;
  --good: #00694d; --good-back: #e4f4ee; --bad: #a83200; --bad-back: #fdeee5; --late: #7a5200; --late-back: #fdf3d7;
  --heat1: #fde3d3; --heat2: #fbc4a2; --heat3: #f29a67; --heat4: #e0783f; --heat5: #a83f0d;
  --heat-ink: #14181c; --heat5-ink: #fff; --hot: #dd6b32;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14181c; --card: #1c2228; --ink: #e8e6e1; --soft: #a9b3bd; --line: #343c44; --grid: #2a3138; --closed: #20272d;
    --bar: #2f5f82; --accent: #6cb9ec; --past: #6b7681; --link: #8ccaf3;
    --good: #5fd0a5; --good-back: #15322a; --bad: #ff9d6b; --bad-back: #3a2318; --late: #f0c04d; --late-back: #362c13;
    --heat1: #3a2519; --heat2: #5c3016; --heat3: #8a4216; --heat4: #d97a3f; --heat5: #ffa97d;
    --heat-ink: #fff; --heat5-ink: #14181c; --hot: #d0692b;
  }
}
`;
