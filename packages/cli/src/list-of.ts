/** What an option or a variable lists with commas. */
export function listOf(given = ''): readonly string[] {
  return given
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
}
