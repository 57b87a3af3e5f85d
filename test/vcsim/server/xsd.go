package main

import (
	"bytes"
	"fmt"
	"reflect"
	"sort"
	"strings"
	"time"

	"github.com/vmware/govmomi/vim25/types"
)

// An XML schema of everything that a client can say to a server, from govmomi's types: names, order, how often and of what
// kind. typeNames, bodies and enumerations are listed by the build from govmomi's sources.

var (
	timeType  = reflect.TypeOf(time.Time{})
	anyType   = reflect.TypeOf((*types.AnyType)(nil)).Elem()
	bytesType = reflect.TypeOf([]byte{})
)

// Types whose name differs on the wire, by their name in Go.
var wireNames = func() map[string]string {
	names, find := map[string]string{}, types.TypeFunc()
	for _, name := range typeNames {
		if kind, found := find(name); found && kind.Name() != name && strings.EqualFold(kind.Name(), name) {
			names[kind.Name()] = name
		}
	}
	return names
}()

func wireName(name string) string {
	if wire, differs := wireNames[name]; differs {
		return wire
	}
	return name
}

var plainKinds = map[reflect.Kind]string{
	reflect.Bool: "boolean", reflect.Int8: "byte", reflect.Uint8: "byte", reflect.Int16: "short", reflect.Int32: "int",
	reflect.Int: "long", reflect.Int64: "long", reflect.Float32: "float", reflect.Float64: "double",
}

func schemaType(kind reflect.Type) string {
	for kind.Kind() == reflect.Ptr {
		kind = kind.Elem()
	}
	switch kind {
	case timeType:
		return "xsd:dateTime"
	case anyType:
		return "xsd:anyType"
	case bytesType:
		return "xsd:base64Binary"
	}
	if plain, found := plainKinds[kind.Kind()]; found {
		return "xsd:" + plain
	}
	switch kind.Kind() {
	case reflect.String:
		if kind.PkgPath() == "" {
			return "xsd:string"
		}
		return "vim25:" + wireName(kind.Name())
	case reflect.Interface:
		if kind.Name() == "" {
			return "xsd:anyType"
		}
		return "vim25:" + wireName(strings.TrimPrefix(kind.Name(), "Base"))
	case reflect.Struct:
		return "vim25:" + wireName(kind.Name())
	}
	panic(kind.String())
}

func writeFields(out *bytes.Buffer, kind reflect.Type, isArray bool) {
	for i := 0; i < kind.NumField(); i++ {
		field := kind.Field(i)
		tag := strings.Split(field.Tag.Get("xml"), ",")
		options := strings.Join(tag[1:], ",")
		isAttribute := strings.Contains(strings.ReplaceAll(options, "typeattr", ""), "attr")
		if field.Anonymous || tag[0] == "" || tag[0] == "-" || isAttribute {
			continue
		}
		of, occurs := field.Type, ""
		if of.Kind() == reflect.Ptr || strings.Contains(options, "omitempty") {
			occurs = ` minOccurs="0"`
		}
		if of.Kind() == reflect.Slice && (of != bytesType || (isArray && tag[0] == "byte")) {
			of = of.Elem()
			occurs += ` maxOccurs="unbounded"`
		}
		fmt.Fprintf(out, "<element name=%q type=%q%s/>\n", tag[0], schemaType(of), occurs)
	}
}

func schema() []byte {
	var out bytes.Buffer
	out.WriteString(`<?xml version="1.0" encoding="UTF-8"?>
<schema targetNamespace="urn:vim25" xmlns="http://www.w3.org/2001/XMLSchema" xmlns:vim25="urn:vim25" ` +
		`xmlns:xsd="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified">
<complexType name="ManagedObjectReference"><simpleContent><extension base="xsd:string">` +
		`<attribute name="type" type="xsd:string" use="required"/></extension></simpleContent></complexType>
`)
	find, seen := types.TypeFunc(), map[string]bool{"ManagedObjectReference": true}
	names := append([]string(nil), typeNames...)
	sort.Strings(names)
	for _, name := range names {
		kind, found := find(name)
		if !found || seen[name] || !strings.EqualFold(kind.Name(), name) || strings.HasPrefix(name, "xsd:") {
			continue
		}
		seen[name] = true
		if kind.Kind() == reflect.String {
			writeEnumeration(&out, name, kind.Name())
		} else if kind.Kind() == reflect.Struct {
			writeStruct(&out, name, kind)
		}
	}
	out.WriteString("</schema>\n")
	return out.Bytes()
}

func writeEnumeration(out *bytes.Buffer, name, goName string) {
	fmt.Fprintf(out, "<simpleType name=%q><restriction base=\"xsd:string\">", name)
	for _, value := range enumerations[goName] {
		fmt.Fprintf(out, "<enumeration value=%q/>", value)
	}
	out.WriteString("</restriction></simpleType>\n")
}

func writeStruct(out *bytes.Buffer, name string, kind reflect.Type) {
	if body, isMethod := bodies[name]; isMethod {
		fmt.Fprintf(out, "<element name=%q type=\"vim25:%sRequestType\"/>\n", name, strings.TrimSuffix(name, "_Task"))
		answer, _ := body.FieldByName("Res")
		fmt.Fprintf(out, "<element name=\"%sResponse\"><complexType><sequence>\n", name)
		writeFields(out, answer.Type.Elem(), false)
		out.WriteString("</sequence></complexType></element>\n")
		return
	}
	if _, answersMethod := types.TypeFunc()(strings.TrimSuffix(name, "Response") + "RequestType"); answersMethod && strings.HasSuffix(name, "Response") {
		return
	}
	fmt.Fprintf(out, "<complexType name=%q>", name)
	extends := kind.NumField() > 0 && kind.Field(0).Anonymous
	if extends {
		fmt.Fprintf(out, "<complexContent><extension base=\"vim25:%s\">", wireName(kind.Field(0).Type.Name()))
	}
	out.WriteString("<sequence>\n")
	writeFields(out, kind, strings.HasPrefix(name, "ArrayOf"))
	out.WriteString("</sequence>")
	if extends {
		out.WriteString("</extension></complexContent>")
	}
	out.WriteString("</complexType>\n")
}
