const semantic =
  /^v?(0|[1-9]\d{0,15})\.(0|[1-9]\d{0,15})\.(0|[1-9]\d{0,15})(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?$/

export function isVersion(text: string): boolean {
  return text.length <= 200 && semantic.test(text)
}

/** Whether one version is newer than another, by the precedence of Semantic Versioning 2.0.0 (11). What is no version is never newer. */
export function isNewer(candidate: string, current: string): boolean {
  const [a, b] = [semantic.exec(candidate), semantic.exec(current)]
  if (!a || !b) return false
  for (const place of [1, 2, 3]) {
    const difference = Number(a[place]) - Number(b[place])
    if (difference !== 0) return difference > 0
  }
  return comparePreReleases(a[4], b[4]) > 0
}

/** A release comes after its pre-releases. */
function comparePreReleases(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined)
  const [left, right] = [a.split('.'), b.split('.')]
  for (let place = 0; place < Math.max(left.length, right.length); place += 1) {
    const difference = compareIdentifiers(left[place], right[place])
    if (difference !== 0) return difference
  }
  return 0
}

/** Numbers by their value and before words; words by their characters; fewer before more. */
function compareIdentifiers(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return Number(b === undefined) - Number(a === undefined)
  const [isNumberA, isNumberB] = [/^\d+$/.test(a), /^\d+$/.test(b)]
  if (isNumberA && isNumberB) return Number(a) - Number(b)
  if (isNumberA !== isNumberB) return isNumberA ? -1 : 1
  return a < b ? -1 : a > b ? 1 : 0
}
