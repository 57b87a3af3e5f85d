/** What operations of the original have here and not there, in the words of `contract/drift.test.ts`. */
export interface Addition {
  readonly to: readonly string[]
  readonly params?: readonly string[]
  readonly result?: readonly string[]
  readonly because: string
}

/** Fields by which every list is cut and sorted; it is filtered by those of its results. */
export const ofEveryList: readonly string[] = ['query after: string', 'query limit: integer', 'query sort: string']

const goesOn = 'what asks a hypervisor may take longer than a request should, and can be looked after as an operation'
const machine = ['GET /virtualmachines', 'GET /virtualmachines/:key', 'POST /virtualmachines', 'PUT /virtualmachines/:key']
const snapshot = [
  'GET /virtualmachines/:key/snapshots',
  'POST /virtualmachines/:vmkey/snapshots',
  'GET /virtualmachines/:vmkey/snapshots/:key',
]
const network = ['GET /networks', 'GET /networks/:key', 'POST /networks', 'PUT /networks/:key']
const cluster = ['GET /clusters', 'GET /clusters/:key', 'POST /clusters', 'PUT /clusters/:key']

export const additions: readonly Addition[] = [
  {
    to: ['POST /callbacks'],
    result: ['secret: string'],
    because: 'deliveries are signed, and who receives them has to check that',
  },
  {
    to: ['POST /clusters', 'PUT /clusters/:key'],
    params: ['body options: object'],
    because: 'each kind of hypervisor has options of its own, which nobody here can name',
  },
  { to: cluster, result: ['options: object!'], because: 'what was set can be read' },
  {
    to: ['POST /clusters/:key/import'],
    result: ['error: string'],
    because: 'one machine that cannot be taken over does not hold up the others, and says why',
  },
  {
    to: ['GET /license', 'PUT /license'],
    result: ['state: string!', 'used: integer!'],
    because: 'a licence that has expired or is nearly used up can be seen before it is in the way',
  },
  { to: ['POST /logs'], params: ['body limit: integer'], because: 'logs are longer than anybody reads' },
  {
    to: ['GET /operatingsystems', 'GET /operatingsystems/:key'],
    result: ['id: string!'],
    because: 'people and scripts say debian-12, wherever it is installed',
  },
  {
    to: ['POST /networks', 'PUT /networks/:key'],
    params: ['body excluded: string[]', 'body quarantine: integer'],
    because: 'some addresses of a range are taken by others, and some must rest before they are used again',
  },
  { to: network, result: ['excluded: string[]!', 'quarantine: integer!'], because: 'what was set can be read' },
  {
    to: ['POST /notificationfilter', 'PUT /notificationfilter/:key'],
    result: ['secret: string'],
    because: 'what goes to a webhook is signed, and who receives it has to check that',
  },
  { to: ['GET /setting', 'PUT /setting'], result: ['deletiongrace: integer!'], because: 'what was set can be read' },
  {
    to: ['PUT /setting'],
    params: ['body deletiongrace: number|string'],
    because: 'how long a deletion is tried before it is forced is said nowhere else',
  },
  {
    to: ['GET /setting/notification', 'PUT /setting/notification'],
    result: ['mailfrom: string!', 'security: string!'],
    because: 'what was set can be read',
  },
  {
    to: ['PUT /setting/notification'],
    params: ['body mailfrom: string', 'body security: string'],
    because: 'mail servers want a sender that they know, and TLS comes in two ways',
  },
  { to: ['GET /update'], result: ['scheduled: boolean!'], because: 'what was scheduled can be seen' },
  {
    to: ['POST /token'],
    params: ['body grant_type: string', 'body scope: string'],
    because: 'RFC 6749 spells it so, and clients made for it send a scope',
  },
  {
    to: ['DELETE /usergroups/:key', 'DELETE /users/:key'],
    result: ['key: integer!'],
    because: 'other deletions answer the key, too',
  },
  {
    to: ['POST /virtualmachines'],
    params: ['body firmware: string', 'body networks: integer[]', 'body thickprovisioning: boolean'],
    because: 'a machine can be made whole with one request',
  },
  {
    to: machine,
    result: ['firmware: string!', 'placeddatastore: string', 'status: string!', 'thickprovisioning: boolean!'],
    because: 'a machine says how it is made, where its disc went, and how it is',
  },
  { to: ['DELETE /virtualmachines/:key'], result: ['operation: string', 'statuscode: integer'], because: goesOn },
  {
    to: [
      'POST /virtualmachines/:key/poweroff',
      'POST /virtualmachines/:key/poweron',
      'POST /virtualmachines/:key/install',
      'POST /virtualmachines/:vmkey/snapshots/:key/restore',
      'POST /virtualmachines/:vmkey/snapshots/updatehardware',
      'PUT /virtualmachines/:vmkey/snapshots/:key',
      'DELETE /virtualmachines/:vmkey/snapshots/:key',
    ],
    result: ['operation: string'],
    because: goesOn,
  },
  {
    to: ['POST /virtualmachines/:key/install'],
    params: ['body packages: string[]', 'body sshkeys: string[]', 'body timezone: string'],
    because: 'an installation can be used without a second tool',
  },
  {
    to: ['POST /virtualmachines/:key/install'],
    params: ['body boot: string'],
    because: 'some sites boot what is blank from the network, and some hypervisors take no media',
  },
  {
    to: ['POST /virtualmachines/:key/install'],
    result: ['install: string!', 'password: string'],
    because: 'the run can be looked after, and a password that nobody gave is told once',
  },
  {
    to: ['GET /virtualmachines/parameter/:key'],
    result: ['packages: string[]!', 'sshkeys: string[]!', 'timezone: string!'],
    because: 'what was set can be read',
  },
  {
    to: snapshot,
    result: ['includememory: boolean!'],
    because: 'going back to memory is another thing than to discs only',
  },
]
