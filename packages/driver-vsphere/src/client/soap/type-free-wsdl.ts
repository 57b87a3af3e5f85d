/** Every method that the driver calls. */
const methods: readonly string[] = [
  'CancelRetrievePropertiesEx',
  'CancelTask',
  'CloneVM_Task',
  'ContinueRetrievePropertiesEx',
  'CreateCollectorForEvents',
  'CreateContainerView',
  'CreateFilter',
  'CreateListView',
  'CreatePropertyCollector',
  'CreateSnapshot_Task',
  'CreateVM_Task',
  'CurrentTime',
  'DeleteDatastoreFile_Task',
  'DestroyCollector',
  'DestroyPropertyCollector',
  'DestroyView',
  'Destroy_Task',
  'FindByUuid',
  'HasPrivilegeOnEntities',
  'Login',
  'Logout',
  'MakeDirectory',
  'MarkAsTemplate',
  'ModifyListView',
  'MoveDatastoreFile_Task',
  'PowerOffVM_Task',
  'PowerOnVM_Task',
  'ReconfigVM_Task',
  'RemoveSnapshot_Task',
  'RenameSnapshot',
  'RetrievePropertiesEx',
  'RetrieveServiceContent',
  'RevertToSnapshot_Task',
  'SearchDatastore_Task',
  'SetCollectorPageSize',
  'ShutdownGuest',
  'WaitForUpdatesEx',
]

/** A WSDL with the names of methods only: requests and answers are written and read by us. */
export function typeFreeWsdl(): string {
  const each = (write: (method: string) => string): string => methods.map(write).join('\n')
  const empty = '<xsd:complexType><xsd:sequence/></xsd:complexType>'
  const element = (name: string): string => `<xsd:element name="${name}">${empty}</xsd:element>`
  const part = (name: string): string => `<part name="parameters" element="vim25:${name}"/>`
  const body = '<soap:body use="literal"/>'
  return `<?xml version="1.0" encoding="UTF-8"?>
<definitions targetNamespace="urn:vim25" xmlns="http://schemas.xmlsoap.org/wsdl/"
  xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:vim25="urn:vim25" xmlns:xsd="http://www.w3.org/2001/XMLSchema">
<types><xsd:schema targetNamespace="urn:vim25" elementFormDefault="qualified">
${each((name) => element(name) + element(`${name}Response`))}
</xsd:schema></types>
${each((name) => `<message name="${name}In">${part(name)}</message><message name="${name}Out">${part(`${name}Response`)}</message>`)}
<portType name="VimPortType">
${each((name) => `<operation name="${name}"><input message="vim25:${name}In"/><output message="vim25:${name}Out"/></operation>`)}
</portType>
<binding name="VimBinding" type="vim25:VimPortType">
<soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
${each(
  (name) =>
    `<operation name="${name}"><soap:operation soapAction="urn:vim25/6.5" style="document"/>` +
    `<input>${body}</input><output>${body}</output></operation>`,
)}
</binding>
<service name="VimService"><port binding="vim25:VimBinding" name="VimPort"><soap:address location="https://localhost/sdk"/></port></service>
</definitions>
`
}
