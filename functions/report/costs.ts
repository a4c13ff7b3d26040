import type { PeriodContext } from './context.ts';
import { listed, sourceName } from './words.ts';

/** Costs of the seven days in one currency, or of one account whose currency is unknown. */
export interface Cost {
  /** Null: no vendor says which. */
  readonly currency: string | null;
  readonly value: number;
  readonly previous: number | null;
  /** Calls with a cost, in both weeks. */
  readonly base: number;
  readonly previousBase: number;
  readonly isComplete: boolean;
  /** Names of the sources that it is of. Not escaped. */
  readonly sources: string;
}

/** The cost of each currency, known ones first and then by amount. Amounts of different currencies are never added up. */
export function costsOf(context: PeriodContext): readonly Cost[] {
  const { accounts, figure, nameOf } = context;
  const parts = accounts.flatMap((account) => {
    const cost = figure('cost', account);
    return cost && cost.value !== null
      ? [{ account, currency: currencyOf(account, context), cost: { ...cost, value: cost.value } }]
      : [];
  });
  // Two unknown currencies may differ.
  const groups = [...new Set(parts.map(({ currency, account }) => currency ?? account))];
  const costs = groups.map((group): Cost => {
    const own = parts.filter(({ currency, account }) => (currency ?? account) === group);
    const currency = typeof group === 'string' ? group : null;
    const sum = (values: readonly (number | null)[]) =>
      values.reduce<number>((total, value) => total + (value ?? 0), 0);
    const hasPrevious = own.some(({ cost }) => cost.previous !== null);
    return {
      currency,
      value: sum(own.map(({ cost }) => cost.value)),
      previous: hasPrevious ? sum(own.map(({ cost }) => cost.previous)) : null,
      base: sum(own.map(({ cost }) => cost.base)),
      previousBase: sum(own.map(({ cost }) => cost.previousBase)),
      isComplete: own.every(({ cost }) => cost.isComplete),
      sources: listed([
        ...new Set(own.map(({ account }) => (currency === null ? nameOf(account) : sourceName(account.source)))),
      ]),
    };
  });
  return costs.sort((a, b) => Number(a.currency === null) - Number(b.currency === null) || b.value - a.value);
}

/** Currency of an account's costs on the last day that has one; null if no vendor gives one. */
export function currencyOf(
  { source, account }: { readonly source: string; readonly account: string },
  { facts, period }: Pick<PeriodContext, 'facts' | 'period'>,
): string | null {
  const costed = facts.days.filter(
    (day) => day.source === source && day.account === account && day.date <= period.to && day.costCurrency !== null,
  );
  return costed.at(-1)?.costCurrency ?? null;
}
