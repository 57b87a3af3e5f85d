package main

import (
	"bytes"
	"fmt"
	"net/http"
	"reflect"

	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"
)

const envelope = `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" ` +
	`xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>`

func writeBody(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	w.WriteHeader(status)
	_, _ = fmt.Fprint(w, xml.Header, envelope, body, "</soapenv:Body></soapenv:Envelope>")
}

func writeFault(w http.ResponseWriter, fault types.BaseMethodFault, message string) {
	kind := reflect.TypeOf(fault).Elem().Name()
	var detail, text bytes.Buffer
	start := xml.StartElement{Name: xml.Name{Local: kind + "Fault"}, Attr: []xml.Attr{
		{Name: xml.Name{Local: "xmlns"}, Value: "urn:vim25"},
		{Name: xml.Name{Local: "xsi:type"}, Value: kind},
	}}
	if err := xml.NewEncoder(&detail).EncodeElement(fault, start); err != nil {
		panic(err)
	}
	_ = xml.EscapeText(&text, []byte(message))
	writeBody(w, http.StatusInternalServerError, "<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>"+
		text.String()+"</faultstring><detail>"+detail.String()+"</detail></soapenv:Fault>")
}

func writeTask(w http.ResponseWriter, method string, task types.ManagedObjectReference) {
	writeBody(w, http.StatusOK, fmt.Sprintf(`<%sResponse xmlns="urn:vim25"><returnval type="Task">%s</returnval></%sResponse>`,
		method, task.Value, method))
}

func writeEmpty(w http.ResponseWriter, method string) {
	writeBody(w, http.StatusOK, fmt.Sprintf(`<%sResponse xmlns="urn:vim25"></%sResponse>`, method, method))
}

// What an answer says went wrong, or nil.
func faultOf(answer []byte) types.BaseMethodFault {
	decoder := xml.NewDecoder(bytes.NewReader(answer))
	decoder.TypeFunc = types.TypeFunc()
	var read struct {
		Body struct {
			Fault *struct {
				Detail struct {
					Fault types.AnyType `xml:",any,typeattr"`
				} `xml:"detail"`
			} `xml:"http://schemas.xmlsoap.org/soap/envelope/ Fault"`
		} `xml:"http://schemas.xmlsoap.org/soap/envelope/ Body"`
	}
	if err := decoder.Decode(&read); err != nil || read.Body.Fault == nil {
		return nil
	}
	value := reflect.ValueOf(read.Body.Fault.Detail.Fault)
	if value.Kind() == reflect.Struct { // decoded by value; faults are pointers
		pointer := reflect.New(value.Type())
		pointer.Elem().Set(value)
		value = pointer
	}
	if value.IsValid() {
		if fault, ok := value.Interface().(types.BaseMethodFault); ok {
			return fault
		}
	}
	return &types.SystemError{Reason: "the simulator answered a fault that cannot be read"}
}
