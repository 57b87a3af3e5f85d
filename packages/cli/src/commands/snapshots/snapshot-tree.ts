/** What of a snapshot the tree is drawn from. */
export interface TreeNode {
  /** The names from the root to it, each after a slash. */
  readonly path: string
  readonly iscurrent: boolean
}

/**
 * Lines of a tree below its title, one for each snapshot. Parents come before children in `nodes`; the one that the present state is
 * built on is marked.
 */
export function renderSnapshotTree<Node extends TreeNode>(
  title: string,
  nodes: readonly Node[],
  say: (node: Node) => string,
): string[] {
  const lines = [title]
  const draw = (children: readonly Node[], margin: string): void => {
    for (const [index, node] of children.entries()) {
      const isLast = index === children.length - 1
      lines.push(`${margin}${isLast ? '└─ ' : '├─ '}${say(node)}${isPresent(node, nodes) ? '  ← here' : ''}`)
      draw(childrenOf(nodes, node), `${margin}${isLast ? '   ' : '│  '}`)
    }
  }
  draw(
    nodes.filter(({ path }) => parentOf(path) === ''),
    '',
  )
  return lines
}

/** Of two with one path, the children are drawn below the first. */
function childrenOf<Node extends TreeNode>(nodes: readonly Node[], node: Node): readonly Node[] {
  if (nodes.find(({ path }) => path === node.path) !== node) return []
  return nodes.filter(({ path }) => parentOf(path) === node.path)
}

/** The last of those that the present state descends from. */
function isPresent(node: TreeNode, nodes: readonly TreeNode[]): boolean {
  return node.iscurrent && !nodes.some(({ path, iscurrent }) => iscurrent && parentOf(path) === node.path)
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'))
}
