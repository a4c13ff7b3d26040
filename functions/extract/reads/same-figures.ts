import { createHash } from 'node:crypto';
import type { ScanPage } from '../pages/read-guide.ts';
import type { StreamSession } from '../session/session.ts';

/** One partition alone may have all figures of the whole. */
const FEWEST_SAME = 2;

/** Compares the figures of partitions with those of the whole, which is requested without a parameter. */
export interface SameFigures {
  see(page: ScanPage): void;
  /** Warns if several partitions have exactly the figures of the whole, none of which is zero throughout. */
  conclude(): void;
}

/** Watches one read. A vendor that does not heed the parameter of a partition answers with the figures of the whole. */
export function watchSameFigures({ stream, warnOnce }: StreamSession): SameFigures {
  const partitions = new Map<string, number>();
  let whole: string | undefined;
  return {
    see({ records, bytes, partition: { query } }) {
      if (!records.some(hasFigure)) return;
      const figures = createHash('sha256').update(bytes).digest('base64');
      if (query) partitions.set(figures, (partitions.get(figures) ?? 0) + 1);
      else whole = figures;
    },
    conclude() {
      const count = partitions.get(whole ?? '') ?? 0;
      if (count < FEWEST_SAME) return;
      warnOnce(
        `${stream.path}: ${count} partitions have exactly the figures of the whole, so the vendor may not heed the parameter by which each ` +
          'is requested; compare them with its own pages, and ask the vendor',
      );
    },
  };
}

function hasFigure(record: unknown): boolean {
  return Object.values(record ?? {}).some((value) => typeof value === 'number' && value !== 0);
}
