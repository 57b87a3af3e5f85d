package main

import (
	"bytes"
	"net/http"
	"sync"

	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"
)

// Privileges that the user lacks; the simulator grants everything.
type denials struct {
	sync.Mutex
	list []denial
}

// Entity is the kind of object on which the privilege is denied, such as Datastore, or an object's id, or empty for all.
type denial struct {
	Privilege string `json:"privilege"`
	Entity    string `json:"entity"`
}

func (d *denials) set(list []denial) {
	d.Lock()
	d.list = list
	d.Unlock()
}

func (d *denials) grants(privilege string, entity types.ManagedObjectReference) bool {
	d.Lock()
	defer d.Unlock()
	for _, one := range d.list {
		if one.Privilege == privilege && (one.Entity == "" || one.Entity == entity.Type || one.Entity == entity.Value) {
			return false
		}
	}
	return true
}

func (d *denials) answer(w http.ResponseWriter, request *types.HasPrivilegeOnEntities) {
	response := types.HasPrivilegeOnEntitiesResponse{}
	for _, entity := range request.Entity {
		said := types.EntityPrivilege{Entity: entity}
		for _, id := range request.PrivId {
			said.PrivAvailability = append(said.PrivAvailability, types.PrivilegeAvailability{PrivId: id, IsGranted: d.grants(id, entity)})
		}
		response.Returnval = append(response.Returnval, said)
	}
	var body bytes.Buffer
	start := xml.StartElement{
		Name: xml.Name{Local: "HasPrivilegeOnEntitiesResponse"},
		Attr: []xml.Attr{{Name: xml.Name{Local: "xmlns"}, Value: "urn:vim25"}},
	}
	if err := xml.NewEncoder(&body).EncodeElement(response, start); err != nil {
		panic(err)
	}
	writeBody(w, http.StatusOK, body.String())
}
