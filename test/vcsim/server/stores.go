package main

import (
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// Datastores that are full, and who may read and write files.
type stores struct {
	sync.Mutex
	full    map[string]bool
	free    map[string]int64 // before they were full
	tickets map[string]bool
}

func (p *peer) serveFolder(w http.ResponseWriter, r *http.Request) {
	method := r.Method + " /folder"
	p.requests.note(method, nil)
	met := p.rules.meet(method)
	before(met, w)
	if status, some := met["status"]; some {
		w.WriteHeader(status.Status)
		return
	}
	if !loggedIn(r) && !p.stores.redeem(r) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		p.next.ServeHTTP(w, r)
	case http.MethodPut, http.MethodPost:
		if p.stores.isFull(r.URL.Query().Get("dsName")) {
			_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, 1<<16))
			w.WriteHeader(http.StatusInsufficientStorage)
			return
		}
		answer := httptest.NewRecorder() // of a few bytes; what comes in is streamed
		p.next.ServeHTTP(answer, r)
		if _, lost := met["reset-after"]; lost {
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(answer.Code)
	default: // the simulator would answer the file
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

var ticketId = regexp.MustCompile(`<id>([^<]+)</id>`)

func (s *stores) remember(w http.ResponseWriter) {
	recorded, ok := w.(*httptest.ResponseRecorder)
	if !ok {
		return
	}
	if found := ticketId.FindSubmatch(recorded.Body.Bytes()); found != nil {
		s.Lock()
		s.tickets[string(found[1])] = true
		s.Unlock()
	}
}

// A ticket of AcquireGenericServiceTicket is good for one request.
func (s *stores) redeem(r *http.Request) bool {
	cookie, err := r.Cookie("vmware_cgi_ticket")
	if err != nil {
		return false
	}
	s.Lock()
	defer s.Unlock()
	known := s.tickets[cookie.Value]
	delete(s.tickets, cookie.Value)
	return known
}

func (s *stores) isFull(name string) bool {
	s.Lock()
	defer s.Unlock()
	return s.full[name]
}

func storeNamed(name string) *simulator.Datastore {
	for _, entity := range simulator.Map.All("Datastore") {
		if store, ok := entity.(*simulator.Datastore); ok && store.Name == name {
			return store
		}
	}
	return nil
}

func (s *stores) fill(store *simulator.Datastore, full bool) {
	s.Lock()
	if full && !s.full[store.Name] {
		s.free[store.Name] = store.Summary.FreeSpace
	}
	s.full[store.Name] = full
	free := s.free[store.Name]
	s.Unlock()
	if full {
		free = 0
	}
	set(store, types.PropertyChange{Name: "summary.freeSpace", Val: free})
}

// Leaves a file there that was last written to then.
func leaveFile(store *simulator.Datastore, path string, written time.Time) error {
	file := filepath.Join(store.Info.GetDatastoreInfo().Url, path)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(file, []byte("part"), 0o644); err != nil {
		return err
	}
	return os.Chtimes(file, written, written)
}

// Every file of a datastore, by its path there.
func filesOf(store *simulator.Datastore) []string {
	root := store.Info.GetDatastoreInfo().Url
	files := []string{}
	_ = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files = append(files, strings.TrimPrefix(path, root+string(os.PathSeparator)))
		}
		return nil
	})
	sort.Strings(files)
	return files
}

// A machine or a disk is not put where there is no datastore or no space.
func (s *stores) refusal(c *call) types.BaseMethodFault {
	switch request := c.request.(type) {
	case *types.CreateVM_Task:
		files := request.Config.Files
		if files != nil {
			if fault := s.refusedAt(files.VmPathName, true); fault != nil {
				return fault
			}
		}
		return s.refusedDevices(request.Config.DeviceChange)
	case *types.ReconfigVM_Task:
		return s.refusedDevices(request.Spec.DeviceChange)
	case *types.CloneVM_Task:
		if at := request.Spec.Location.Datastore; at != nil {
			if store, found := simulator.Map.Get(*at).(*simulator.Datastore); found && s.isFull(store.Name) {
				return &types.NoDiskSpace{Datastore: store.Name}
			}
		}
	}
	return nil
}

func (s *stores) refusedDevices(changes []types.BaseVirtualDeviceConfigSpec) types.BaseMethodFault {
	for _, change := range changes {
		spec := change.GetVirtualDeviceConfigSpec()
		if spec.Device == nil || spec.Operation == types.VirtualDeviceConfigSpecOperationRemove {
			continue
		}
		backing, ok := spec.Device.GetVirtualDevice().Backing.(types.BaseVirtualDeviceFileBackingInfo)
		if !ok {
			continue
		}
		_, isDisk := spec.Device.(*types.VirtualDisk)
		if fault := s.refusedAt(backing.GetVirtualDeviceFileBackingInfo().FileName, isDisk); fault != nil {
			return fault
		}
	}
	return nil
}

var storeInPath = regexp.MustCompile(`^\[([^\]]+)\]`)

func (s *stores) refusedAt(path string, needsSpace bool) types.BaseMethodFault {
	found := storeInPath.FindStringSubmatch(path)
	if found == nil {
		return nil
	}
	if storeNamed(found[1]) == nil {
		return &types.InvalidDatastorePath{InvalidDatastore: types.InvalidDatastore{Name: found[1]}, DatastorePath: path}
	}
	if needsSpace && s.isFull(found[1]) {
		return &types.NoDiskSpace{Datastore: found[1]}
	}
	return nil
}
