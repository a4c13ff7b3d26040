import { pageOfSize, type SizedPage, smallerPage } from './page-size.ts';

/** Where a page is in its list: records before it, and before the page that follows. */
export interface Place {
  readonly begin: number;
  readonly end: number;
}

/** The page to request next. Pages become smaller if one is too large. */
export function newPosition(
  { firstPage, pageSize }: { firstPage: number; pageSize: number },
  { page, size }: SizedPage,
) {
  // A vendor that gives fewer records than are requested counts its pages by its own size.
  let isSizeKept = true;
  let askedAgain: number | undefined;
  let back = 1;
  return {
    place: (): Place => ({ begin: (page - firstPage) * size, end: (page + 1 - firstPage) * size }),
    goBack(): void {
      page = Math.max(firstPage, page - back);
      back *= 2;
    },
    current: (): SizedPage => ({ page, size }),
    isAt: (number: number) => page === number,
    askAgain(): boolean {
      if (askedAgain === page) return false;
      askedAgain = page;
      return true;
    },
    moveOn(records: number): void {
      isSizeKept &&= records === size;
      page += 1;
      back = 1;
    },
    useSmallerPages(): boolean {
      const smaller = isSizeKept ? smallerPage({ page, size }, firstPage) : undefined;
      if (smaller) ({ page, size } = smaller);
      return smaller !== undefined;
    },
    /** @param records of the last page; 0 before the first */
    resumeAfter(number: number, records: number): number {
      const isHeeded = isSizeKept && (records === 0 || records === size);
      if (size >= pageSize) return isHeeded ? firstPage + ((number + 1 - firstPage) * size) / pageSize : number + 1;
      return pageOfSize({ page: number + 1, size }, pageSize, firstPage);
    },
  };
}
