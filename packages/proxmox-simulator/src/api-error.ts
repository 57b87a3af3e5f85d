/** An answer that is no success. Its message becomes reason phrase and `message`, as the original does it. */
export class ApiError extends Error {
  readonly status: number
  /** By parameter, for 400. */
  readonly errors: Readonly<Record<string, string>> | undefined

  constructor(status: number, message: string, errors?: Readonly<Record<string, string>>) {
    super(message)
    this.status = status
    this.errors = errors
  }
}

/** What the original says when code dies: 500, and the text is all there is to go by. */
export function failed(message: string): ApiError {
  return new ApiError(500, message)
}

export function invalidParameters(errors: Readonly<Record<string, string>>): ApiError {
  return new ApiError(400, 'Parameter verification failed.', errors)
}

/** `Permission check failed (/vms/100, VM.Audit)`; where any of several is enough they are joined by a bar. */
export function denied(path?: string, privileges: readonly string[] = [], any = false): ApiError {
  const detail = path === undefined ? '' : ` (${path}, ${privileges.join(any ? '|' : ', ')})`
  return new ApiError(403, `Permission check failed${detail}`)
}
