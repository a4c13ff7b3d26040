import { brakeWatch } from './brake.ts';
import { newChain } from './chain.ts';
import { checkFirstLoad, checkFresh, type FirstLoad, firstLoad, hasWrongPage, removesUnnoticed } from './complete.ts';
import { CALLS, checkHealed, hasTotal, historyOf, OPT_OUTS, USERS } from './expect.ts';
import { checkDetailsRow, DETAILS } from './expect-details.ts';
import { commitsIn, foldCommit, foldLake, namesOf, type OnRow, parseCommit, type Tables } from './fold.ts';
import { checkOptedOut, checkPurged, checkSilence, isUnsafe, keptBlanked } from './leaks.ts';
import type { Ended, Process } from './process.ts';
import { changeSettings, HOUR_MS, type RunStep, type Scenario, type Step } from './scenario.ts';
import type { Scheduler } from './scheduler.ts';
import type { Lake } from './store.ts';
import { showsOrder, type World, wasHiddenBy, wasHiddenSince, wentSince } from './world.ts';

/** An invariant that did not hold. */
export interface Violation {
  readonly invariant: string;
  /** The kind, in one word. */
  readonly what: string;
  readonly detail: string;
  /** The run after which it was seen. */
  readonly run: number;
}

const MOST_REQUESTS = 3000;
const MOST_VIOLATIONS = 12;
const DAY_HOURS = 25;
/** Two full scans begin an hour apart; a record may have gone at the end of the first one. */
const HASTY_MS = HOUR_MS / 2;

/** Watches one history. */
export function newOracle({ scenario, world, scheduler, lake }: OracleOptions) {
  const found: Violation[] = [];
  const tables: Tables = new Map();
  const last = new Map<string, number>();
  const named = new Set<string>();
  const parts = new Map<string, unknown>();
  const counts = { commits: 0, run: 0, hereLeft: Number.NEGATIVE_INFINITY, awayLeft: Number.NEGATIVE_INFINITY };
  const brake = brakeWatch({ lake, source: scenario.source, tables });
  let settings = scenario.settings;
  const chain = newChain({ scenario, world, scheduler });
  /** Runs of this step that change the vendor while they read. */
  let changing: number[] = [];
  /** What the first load must bring; without calls once it was checked. Undefined before the first run. */
  let first: FirstLoad | undefined;
  let scans: string[] = [];
  const say = (invariant: string, what: string, detail: string) => {
    if (found.length < MOST_VIOLATIONS && !found.some((one) => one.detail === detail && one.what === what))
      found.push({ invariant, what, detail, run: counts.run });
  };

  function onRow({ settings: own }: Process, [table, key, row, before]: Parameters<OnRow>): void {
    const place = `${table} ${key}`;
    if (parts.has(place) && parts.get(place) !== row.part)
      say('each-key-once', 'part-moved', `${table} ${key} changes its _part_on: a MERGE would insert it again`);
    parts.set(place, row.part);
    if (isUnsafe(row, table)) say('I6', 'safe-column', `a sensitive value is in a column of callhouse, table ${table}`);
    const shape = table === USERS.table ? USERS : CALLS[scenario.source];
    const rec = (table === USERS.table ? world.users : world.calls).get(key);
    if (table === 'kismet_call_participants' && row.op !== 'upsert') checkPerson(key);
    if (row.op === 'delete' && own['onVendorRemoval'] === 'blank')
      say('I4', 'not-blanked', `${table} ${key} is marked removed and not blanked`);
    if (table === DETAILS.table) checkDetailsRow({ world, tables, say }, key, row, before);
    if (table !== shape.table || !rec) return;
    if (row.op !== 'upsert') {
      const seen = !wasHiddenSince(rec, chain.since());
      // Removed, back, and then at a place that a scan over several runs had passed: twice missed for two reasons.
      const isBackElsewhere = rec.isMoved === true && wentSince(rec, 0);
      if (seen && !chain.hidesUnnoticed() && !isBackElsewhere)
        say('I3', 'live-marked', `${table} ${key} is marked removed and was listed throughout`);
      // A page that left the record out made it a candidate before it went; its total left it out too.
      else if (!seen && !wasHiddenBy(rec, scheduler.now() - HASTY_MS) && !chain.hasLeftOut())
        say('I3', 'hasty', `${table} ${key} is marked removed less than half an hour after it went`);
      return;
    }
    const rev = shape.revOf(row.value, rec);
    const known = before ? shape.revOf(before.value, rec) : 0;
    if (rev < known) say('I2', 'went-back', `${table} ${key} went back from version ${known} to ${rev}`);
    if (rev > rec.rev) say('I2', 'invented', `${table} ${key} has a version that was never served`);
  }

  function checkPerson(key: string): void {
    const [call = '', , id] = key.split('|');
    const rec = world.calls.get(call);
    const person = rec?.people.find((one) => String(one.id) === id);
    if (!rec || !person || wasHiddenSince(person, chain.since()) || wasHiddenSince(rec, chain.since())) return;
    // They are marked with a call that two pages left out.
    if (chain.hidesUnnoticed()) return;
    say('I3', 'live-marked', `participant ${id} of call ${call} is marked removed and was listed throughout`);
  }

  function commit(process: Process, key: string, body: Uint8Array): void {
    const text = parseCommit(body);
    counts.commits += 1;
    const before = last.get(text.stream) ?? 0;
    if (text.n !== before + 1) say('I5', 'hole', `commit ${text.n} of ${text.stream} follows ${before}`);
    last.set(text.stream, text.n);
    for (const object of namesOf(text)) {
      named.add(object);
      if (!lake.objects.has(object)) say('I5', 'missing', `${key} names an object that is not there`);
    }
    // Told, though the run may be killed before it can say so: the next full scan looks for them.
    if (text.status === 'failed' && Object.values(text.state?.surplus ?? {}).some((n) => n > 0)) first?.calls.clear();
    scans.push(...text.scans.map(({ kind }) => `${text.stream} ${kind}`));
    foldCommit(tables, text, lake.objects, (table, name, row, before) => {
      brake.row(table, row, before);
      if (row.seq !== text.n) say('I2', 'seq', `a row of commit ${text.n} of ${text.stream} says _seq ${row.seq}`);
      onRow(process, [table, name, row, before]);
    });
    brake.commit(text, scheduler.now(), say);
  }

  function checkEnd(end: Ended): void {
    const { process, result, crash } = end;
    checkSilence(end, say);
    if (crash !== undefined) say('I8', 'crash', `an unexpected error: ${String((crash as Error)?.message ?? crash)}`);
    if (process.requests > MOST_REQUESTS) say('I7', 'requests', `a run made ${process.requests} requests`);
    if (!result) return;
    const texts = [result.error ?? '', ...result.streams.map(({ error }) => error ?? '')];
    if (texts.some((text) => /restore it|is damaged/.test(text)))
      say('I8', 'false-alarm', 'a run says that an object is missing or damaged, and none is');
    // Told: the next full scan finds them.
    if (texts.some((text) => text.includes('the vendor counts'))) first?.calls.clear();
    if (result.exitCode !== 0) return;
    const failed = process.lines.some(({ level }) => level === 'error');
    if (failed) say('I8', 'failure-hidden', 'a run logs an error of a stream and ends with 0');
    const mayBeBusy = process.accompanied || chain.ended().length > 0 || busyBeside(process);
    if (result.error !== undefined && process.isBehindStuck && process.step.store === undefined && !isLeftAway())
      say('I8', 'stuck-hidden', 'a run does nothing because of a suspended one, and ends with 0');
    if (result.error !== undefined && !mayBeBusy)
      say('I8', 'alone-and-busy', 'a run says that another one is running, and none is');
    if (result.error !== undefined || result.streams.some(({ status }) => status !== 'ok')) return;
    // A run beside this one may have read an opt-out meanwhile, and the next run purges.
    if (!process.overlapped)
      checkPurged({ calls: world.calls, lake: lake.objects, named, say }, scenario.source, tables);
    checkComplete(process.step);
  }

  /** Another run is alive, or a dead run on another host has left a lease that this host must respect. */
  function checkComplete(step: RunStep): void {
    const completed = { scenario, settings, world, tables, step, say };
    // A run beside this one may have been given records after this one had read the place where they are.
    if (changing.every((id) => id === step.id)) checkFresh(completed);
    const all = step.streams === undefined && step.window === undefined && scenario.source !== 'kismet';
    if (first === undefined || !all || world.vendor.order === 'ties') return;
    checkFirstLoad(completed, first);
    first.calls.clear();
  }

  function busyBeside({ step }: Process): boolean {
    const left = step.away ? Math.max(counts.hereLeft, counts.awayLeft) : counts.awayLeft;
    return (step.beside?.length ?? 0) > 0 || scheduler.now() - left < DAY_HOURS * HOUR_MS;
  }

  /** A run of another host may have left a lease that still counts. */
  const isLeftAway = () => scheduler.now() - counts.awayLeft < HOUR_MS;

  function join(step: RunStep): void {
    first ??= firstLoad(world, settings, scheduler.turn());
    // A wrong page can hide a call from the first load; the sweeps find it.
    // So can a record that is removed while it pages, where no total says so.
    // So can one that shares its instant with others, whose order changes with each request; checkComplete asks only for the order of now.
    const hasUncountedTies = world.vendor.order === 'ties' && !hasTotal({ ...scenario, vendor: world.vendor });
    if (hasWrongPage(step) || removesUnnoticed(scenario, step) || hasUncountedTies) first.calls.clear();
  }

  function checkLake(): void {
    for (const text of commitsIn(lake.objects))
      for (const object of [...text.raw, ...text.staged.map(({ key }) => key)])
        if (!lake.objects.has(object)) say('I5', 'missing', 'a commit names an object that is not there any more');
    for (const id of keptBlanked(tables.get(CALLS[scenario.source].table), world.calls, lake.objects))
      say('I6', 'kept-blanked', `content of call ${id}, which was removed and blanked, is kept`);
    if (OPT_OUTS[scenario.source] === undefined) return;
    checkOptedOut({ calls: world.calls, lake: lake.objects, named, say });
  }

  return {
    violations: (): readonly Violation[] => found,
    commits: () => counts.commits,
    heldRemovals: brake.held,
    tables,
    beginStep(step: RunStep) {
      counts.run = step.id;
      changing = step.during ? [step.id] : [];
      scans = [];
      chain.begin(step);
      join(step);
    },
    suspended: chain.suspended,
    confirmed: chain.confirmed,
    /** A suspended process goes on. @param step its run, with all that happened at the vendor since it began */
    wake(process: Process, step: RunStep) {
      if (process.step.during) changing.push(step.id);
      chain.wake(step);
      join(step);
    },
    put(process: Process, key: string, body: Uint8Array) {
      if (key.startsWith('commits/')) commit(process, key, body);
      if (/SECRET|1555100\d{4}|15559999999/.test(key))
        say('I6', 'name', 'the name of an object holds a value of a record');
    },
    changed(step: Step) {
      if (step.do !== 'settings') return;
      settings = changeSettings(settings, step.set);
      // What an earlier start of history adds is read by the full scan that this makes due, over as many runs as it needs.
      if (first) first.from = Math.max(first.from, historyOf(settings) ?? Number.NEGATIVE_INFINITY);
    },
    endRun(end: Ended) {
      checkEnd(end);
      const { dead, step } = end.process;
      if (dead || step.store) counts[step.away ? 'awayLeft' : 'hereLeft'] = scheduler.now();
      chain.end(end);
    },
    stuck(how: 'hangs' | 'endless', { id }: RunStep) {
      say('I7', how, `run ${id} ${how}`);
    },
    /** Troubles have stopped and everything was read, so every invariant must hold. */
    healed() {
      const exit = chain.ended()[0]?.result?.exitCode;
      if (exit !== 0) say('I8', 'not-calm', `the last run on a calm vendor ends with ${exit}`);
      const compared = { scenario, world, ...foldLake(lake.objects) };
      checkHealed({ ...compared, since: historyOf(settings), now: scheduler.now(), say });
      checkLake();
    },
    /** A run on a vendor where nothing has changed for a quarter of an hour. */
    still() {
      const { order, total } = world.vendor;
      const sorted = order === 'newest' && total && !scenario.settings['tiers'] && showsOrder(world, scenario.userIds);
      if (sorted && scans.includes('calls sweep'))
        say('still', 'sweeps', 'a run a quarter of an hour after a clean one reads everything again');
    },
    say,
    ended: chain.ended,
  };
}

/** The parts of a history that the oracle sees. */
export interface OracleOptions {
  readonly scenario: Scenario;
  readonly world: World;
  readonly scheduler: Scheduler;
  readonly lake: Lake;
}

export type Oracle = ReturnType<typeof newOracle>;
