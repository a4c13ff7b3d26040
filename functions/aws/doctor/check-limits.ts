import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { clientDefaults } from '../client-defaults.ts';
import { faultOf } from '../sdk-errors.ts';
import type { DoctorCheck, DoctorOptions } from './doctor-check.ts';

/** Memory that every AWS account allows a Lambda, MB. New accounts allow no more. */
const MEMORY_OF_ALL = 3008;
/** Executions that Lambda never reserves, so that functions without a reservation can run. New accounts have no more in all. */
const NEVER_RESERVED = 10;
/** Lambdas of a stage besides its extractors: the loader and the maintenance. */
const OTHER_LAMBDAS = 2;
const WHERE = 'docs/aws.md#accounts-with-limits-of-their-own';

/** Executions at a time that the account allows in the region, and how many of them no function has reserved. */
interface Concurrency {
  readonly all: number;
  readonly unreserved: number;
}

/**
 * Checks what the AWS account allows against what the stage needs. It needs no deployed stage, because these limits make a deployment
 * fail. AWS has no query for the limit of memory, so what the settings ask for is compared with what every account allows.
 * @see {@link https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html}
 */
export async function checkLimits(options: DoctorOptions): Promise<readonly DoctorCheck[]> {
  return [await checkConcurrency(options), checkMemory(options), ADDENDUM];
}

const ADDENDUM: DoctorCheck = {
  check:
    'Business Associate Addendum, for health data of US patients: not asked; aws artifact list-customer-agreements --region us-east-1 shows it (docs/aws.md)',
  ok: true,
};

async function checkConcurrency(options: DoctorOptions): Promise<DoctorCheck> {
  const check = 'concurrent Lambdas of the account';
  const client = new LambdaClient({ ...clientDefaults('LAMBDA'), ...options.client });
  try {
    const { AccountLimit: limit } = await client.send(new GetAccountSettingsCommand({}));
    const { ConcurrentExecutions: all, UnreservedConcurrentExecutions: unreserved = all } = limit ?? {};
    if (all === undefined || unreserved === undefined)
      return { check, ok: true, remedy: 'cannot be told: Lambda names no limit' };
    return { check, ...judge({ all, unreserved }, options) };
  } catch (error) {
    const code = faultOf(error)?.code;
    if (code === undefined) throw error;
    return { check, ok: true, remedy: `cannot be told (${code}); allow lambda:GetAccountSettings to see it` };
  } finally {
    client.destroy();
  }
}

function judge(
  { all, unreserved }: Concurrency,
  { sources, accounts, reservedConcurrency = false }: DoctorOptions,
): Omit<DoctorCheck, 'check'> {
  const extractors = sources.reduce((sum, { name }) => sum + (accounts[name]?.length ?? 0), 0);
  const needed = extractors + OTHER_LAMBDAS;
  const ask = `ask for more at Service Quotas, Lambda, Concurrent executions (${WHERE})`;
  if (reservedConcurrency) {
    if (all >= needed + NEVER_RESERVED) return { ok: true };
    const remedy = `the account allows ${all}, of which Lambda never reserves the last ${NEVER_RESERVED}, and the stage would reserve ${needed}: set reservedConcurrency to false, or ${ask}`;
    return { ok: false, remedy };
  }
  if (unreserved >= needed) return { ok: true };
  const remedy = `${unreserved} of the account's ${all} are free of reservations, and the stage's ${needed} Lambdas may run at the same time; some then wait for up to 30 minutes: ${ask}, or let sources run less often`;
  return { ok: true, remedy };
}

function checkMemory({ memoryMb }: DoctorOptions): DoctorCheck {
  const check = 'memory of the Lambdas';
  if (memoryMb === undefined || memoryMb <= MEMORY_OF_ALL) return { check, ok: true };
  const remedy = `the settings ask for ${memoryMb} MB; new accounts allow ${MEMORY_OF_ALL}, and AWS has no query for it. If a deployment fails with "MemorySize … must have value less than or equal to ${MEMORY_OF_ALL}", set memory.extractMb, loadMb and maintainMb to ${MEMORY_OF_ALL} at most, or ask AWS's support for more (${WHERE})`;
  return { check, ok: true, remedy };
}
