import type { PeriodContext } from './context.ts';
import { listed, sourceName } from './words.ts';

/** Costs of the seven days in one currency. */
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
export function costsOf({ accounts, figure, facts }: PeriodContext): readonly Cost[] {
  const parts = accounts.flatMap((account) => {
    const cost = figure('cost', account);
    return cost && cost.value !== null
      ? [{ account, currency: currencyOf(account, facts.days), cost: { ...cost, value: cost.value } }]
      : [];
  });
  const currencies = [...new Set(parts.map(({ currency }) => currency))];
  const costs = currencies.map((currency): Cost => {
    const own = parts.filter((part) => part.currency === currency);
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
      sources: listed([...new Set(own.map(({ account }) => sourceName(account.source)))]),
    };
  });
  return costs.sort((a, b) => Number(a.currency === null) - Number(b.currency === null) || b.value - a.value);
}

/** Currency of an account's costs; null if nobody says it. */
export function currencyOf(
  { source, account }: { readonly source: string; readonly account: string },
  days: PeriodContext['facts']['days'],
): string | null {
  return (
    days.find((day) => day.source === source && day.account === account && day.costCurrency !== null)?.costCurrency ??
    null
  );
}
