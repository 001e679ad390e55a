package para

import (
	"encoding/json"
	"errors"
)

// Checks of the maps of an app: what clients write must be usable, so a wrong form is refused instead of being read as
// empty later (O 7.2).

func checkDatatypes(raw []byte) error {
	var m map[string]string
	if json.Unmarshal(raw, &m) != nil {
		return errors.New("every plural must stand for the name of a type, as in {\"cats\":\"cat\"}")
	}
	return nil
}

func checkPermissions(raw []byte) error {
	var p Permissions
	if json.Unmarshal(raw, &p) != nil {
		return errors.New("subjects must hold paths and paths lists of methods, as in {\"*\":{\"cats\":[\"GET\"]}}")
	}
	return nil
}

func checkConstraints(raw []byte) error {
	var c Constraints
	if json.Unmarshal(raw, &c) != nil {
		return errors.New("types must hold fields and fields rules, as in {\"cat\":{\"paws\":{\"required\":{}}}}")
	}
	return nil
}
