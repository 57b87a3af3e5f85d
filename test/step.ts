import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

export interface Step {
  readonly name: string
  /** A script of the house's own tools and its parameters; it runs on the Node that runs this file. */
  readonly command: readonly string[]
  /** What the output shows when the step looked at something: a step that checked nothing has failed. */
  readonly proof?: RegExp
  readonly environment?: Readonly<Record<string, string>>
}

/** Runs a step and lets its output through. Answers what is wrong, undefined when nothing is. */
export async function runOpenly(step: Step): Promise<string | undefined> {
  console.log(`▶ ${step.name}: ${step.command.join(' ')}`)
  const child = spawn(process.execPath, step.command, {
    cwd: root,
    env: { ...process.env, ...step.environment },
    stdio: 'inherit',
  })
  return failureOf(step, (await once(child, 'close')) as Ending)
}

/** Runs a step and shows its output only when something is wrong. Answers what is wrong, undefined when nothing is. */
export async function runQuietly(step: Step): Promise<string | undefined> {
  const startedAt = performance.now()
  const env = { ...process.env, ...step.environment, NO_COLOR: '1', FORCE_COLOR: undefined }
  const child = spawn(process.execPath, step.command, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk))
  let problem = failureOf(step, (await once(child, 'close')) as Ending)
  if (problem === undefined && step.proof && !step.proof.test(output)) problem = `${step.name} checked nothing`
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  console.log(
    problem === undefined ? `✓ ${step.name} (${seconds} s)` : `✗ ${step.name}: ${step.command.join(' ')}\n${output.trim()}`,
  )
  return problem
}

type Ending = [code: number | null, signal: NodeJS.Signals | null]

function failureOf({ name }: Step, [code, signal]: Ending): string | undefined {
  return code === 0 ? undefined : `${name} failed (${signal ?? `exit ${code}`})`
}
