/** How the process ends; part of what the command promises. */
export const exitCodes: {
  readonly ok: 0
  readonly failed: 1
  readonly usage: 2
  readonly drift: 3
  readonly interrupted: 130
} = {
  ok: 0,
  failed: 1,
  usage: 2,
  drift: 3,
  interrupted: 130,
}

export const exitCodesText = `
Exit codes:
  0    done
  1    it failed; what went wrong is on stderr, or with --json the last line
  2    the command line is wrong
  3    books that must agree do not (contingent verify)
  130  interrupted, and closed properly`
