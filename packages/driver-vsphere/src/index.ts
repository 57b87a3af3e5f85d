/**
 * VMware vSphere and ESXi for Virtkit: `vmware` is the driver of clusters of that type. `createVmware` makes one that talks SOAP in
 * another way: `native()` over Node's own HTTP client, `nodeVsphereSoap()` through the package of that name.
 */
export { type VmwareSettings, createVmware, vmware } from './vmware-driver.ts'
export type { VmwareOptions } from './options.ts'
export { native } from './client/soap/native-transport.ts'
export { nodeVsphereSoap } from './client/soap/node-vsphere-soap-transport.ts'
export type { Credentials, Endpoint, Login, SoapCall, VimTransport, VimTransportKind } from './client/soap/vim-transport.ts'
export type { MoRef } from './client/xml/xml-tree.ts'
export type { VimArguments } from './client/xml/write-xml.ts'
export { type NeededPrivilege, type PrivilegeScope, neededPrivileges } from './privileges.ts'
