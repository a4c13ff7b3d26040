import type { PlannedRead } from '../../functions/extract/plan/plan.ts';
import { readScan } from '../../functions/extract/reads/read-scan.ts';
import { readWindow } from '../../functions/extract/reads/read-window.ts';
import { carryOut } from './carry-out.ts';
import { type UnitAnswer, unitPartition, unitRecord } from './session.ts';

/** Partitions of a stream with two lists. */
export const [x, y] = [unitPartition('x'), unitPartition('y')];

/** One page of two records for each list. */
export const onePage: UnitAnswer = ({ partition }) => ({
  records: [unitRecord(`${partition}1`, 1), unitRecord(`${partition}2`, 2)],
  more: false,
  total: 2,
});

/** What a stream with two lists declares. */
export const twoLists = { partitions: () => [x, y] };

const sweep: PlannedRead = { kind: 'sweep', partitions: [x, y], tiers: ['6h'] };

/** Reads both lists completely, unless the plan says otherwise. */
export const readLists = (plan: Partial<PlannedRead> = {}, options: Parameters<typeof carryOut>[2] = {}) =>
  carryOut(
    plan.kind === 'window' ? readWindow : readScan,
    { ...sweep, ...plan },
    { stream: twoLists, answer: onePage, ...options },
  );
