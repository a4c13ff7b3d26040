import { contextOf } from './context.ts';
import type { ReportFacts } from './facts.ts';
import type { ReportRequest } from './report-request.ts';
import { accounts } from './sections/accounts.ts';
import { agents } from './sections/agents.ts';
import { bookings } from './sections/bookings.ts';
import { clinicians } from './sections/clinicians.ts';
import { definitions, footer } from './sections/definitions.ts';
import { firstScreen } from './sections/first-screen.ts';
import { followUps } from './sections/follow-ups.ts';
import { head, windowTitle } from './sections/head.ts';
import { missedHours } from './sections/missed.ts';
import { tells } from './sections/tells.ts';
import { tiles } from './sections/tiles.ts';
import { trend } from './sections/trend.ts';
import { trust } from './sections/trust.ts';
import { waits } from './sections/wait.ts';
import { STYLE } from './style.ts';

/** Nothing is loaded, run or sent; the style is in the page. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** The manager's page as one HTML file without a script. The same facts and request give the same page. */
export function reportPage(facts: ReportFacts, request: ReportRequest): string {
  const context = contextOf(facts, request);
  const { period } = context.facts;
  const figures = period
    ? [
        tiles({ ...context, period }),
        trend({ ...context, period }),
        missedHours({ ...context, period }),
        waits({ ...context, period }),
        `<div class="two">${bookings({ ...context, period })}${followUps(context)}</div>`,
        accounts({ ...context, period }),
        clinicians({ ...context, period }),
        agents({ ...context, period }),
      ]
    : [];
  const parts = [head(context), firstScreen(context), ...figures, trust(context), tells(context), definitions(context)];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>${windowTitle(context)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${parts.filter((part) => part !== '').join('\n')}
${footer(context)}
</main>
</body>
</html>
`;
}
