package para

// Kind is the kind of value a declared field holds (O 6.2).
type Kind uint8

// The kinds of fields.
const (
	TextField    Kind = iota // a string
	LongField                // a 64-bit integer
	IntField                 // a 32-bit integer
	FlagField                // a boolean
	ListField                // a list of strings; a JSON text of one is understood
	ArrayField               // a list of strings as an array: a single number makes a list of one
	MapField                 // an object; a JSON text of one is understood
	ObjectsField             // a list of objects
	AnyField                 // any JSON value
)

// Rule is a built-in validation rule of a field (O 16.2).
type Rule struct {
	Name     string // required, size, email, url, notNull, notEmpty
	Min, Max int    // size, in UTF-16 code units
}

// Field describes one member that a type declares.
type Field struct {
	Name     string
	Kind     Kind
	Default  string // JSON text of the value when nothing was sent; "" for none
	Locked   bool   // updates ignore it (O 1)
	Hidden   bool   // in no answer (D32)
	Secret   bool   // only for privileged callers (D32)
	Computed bool   // made by the server on output, ignored on input, never stored by other stores
	NoIndex  bool   // never searched (S 3.2)
	Rules    []Rule
	check    func(raw []byte) error // of the value's inner form
}

// Type describes a core type: its fields in the order of answers, and whether it keeps further members.
type Type struct {
	Name   string
	Open   bool // members that are not declared are kept as custom properties
	Fields []Field
	byName map[string]int
}

// Field returns the description of a declared member, nil for any other name.
func (t *Type) Field(name string) *Field {
	if i, ok := t.byName[name]; ok {
		return &t.Fields[i]
	}
	return nil
}

// ClaimedEmail is the member of users that holds the address that a user has given itself, in small letters. Such an address
// does not decide whose account it is (A 6.1). It counts as long as the user has the address.
const ClaimedEmail = "claimedEmail"

// IdentityName is the name of identity records (O 10.2).
const IdentityName = "identifier"

// DefaultPicture is the picture of users who have none (O 10.9).
const DefaultPicture = "https://www.gravatar.com/avatar?d=mm&size=400"

var required = Rule{Name: "required"}

func size(least, most int) Rule { return Rule{Name: "size", Min: least, Max: most} }

// baseFields are the members of every type (O 4).
var baseFields = []Field{
	{Name: "id", Locked: true},
	{Name: "timestamp", Kind: LongField, Locked: true},
	{Name: "type", Locked: true},
	{Name: "appid", Locked: true},
	{Name: "parentid", Locked: true},
	{Name: "creatorid", Locked: true},
	{Name: "updated", Kind: LongField},
	{Name: "name", Rules: []Rule{required, size(1, 255)}},
	{Name: "tags", Kind: ListField},
	{Name: "votes", Kind: IntField, Default: "0"},
	{Name: "version", Kind: LongField, Default: "0"},
	{Name: "stored", Kind: FlagField, Default: "true"},
	{Name: "indexed", Kind: FlagField, Default: "true"},
	{Name: "cached", Kind: FlagField, Default: "true"},
}

// lastFields are the computed members of every type.
var lastFields = []Field{
	{Name: "objectURI", Computed: true},
	{Name: "plural", Computed: true},
}

// coreTypes is the table of O 7: each type's own fields.
var coreTypes = makeTypes(map[string][]Field{
	"sysprop": {},
	"app": {
		{Name: "objectCount", Kind: LongField, Default: "0"},
		{Name: "sharingIndex", Kind: FlagField, Default: "false", Locked: true},
		{Name: "sharingTable", Kind: FlagField, Default: "false", Locked: true},
		{Name: "secret", Locked: true, Hidden: true, NoIndex: true},
		{Name: "readOnly", Kind: FlagField, Default: "false", Locked: true},
		{Name: "datatypes", Kind: MapField, Default: "{}", Locked: true, NoIndex: true, check: checkDatatypes},
		{Name: "validationConstraints", Kind: MapField, Default: "{}", NoIndex: true, check: checkConstraints},
		{Name: "resourcePermissions", Kind: MapField, Default: "{}", NoIndex: true, check: checkPermissions},
		{Name: "active", Kind: FlagField, Default: "true"},
		{Name: "deleteOn", Kind: LongField},
		{Name: "tokenValiditySec", Kind: LongField, Default: "86400"},
		{Name: "settings", Kind: MapField, Hidden: true, NoIndex: true},
		{Name: "appIdentifier", Computed: true},
	},
	"user": {
		{Name: "identifier", Rules: []Rule{required}},
		{Name: "groups", Default: `"users"`, Locked: true, Rules: []Rule{required}},
		{Name: "active", Kind: FlagField, Default: "false"},
		{Name: "twoFA", Kind: FlagField, Default: "false"},
		{Name: "twoFAkey", Secret: true, NoIndex: true},
		{Name: "twoFAbackupKeyHash", Secret: true, NoIndex: true},
		{Name: "authenticators", Kind: AnyField, Locked: true, Hidden: true, NoIndex: true},
		{Name: "email", Rules: []Rule{required, {Name: "address"}, {Name: "email"}}},
		{Name: ClaimedEmail, Locked: true, Hidden: true, NoIndex: true},
		{Name: "currency"},
		{Name: "picture", Default: `"` + DefaultPicture + `"`},
		{Name: "tokenSecret", Locked: true, Hidden: true, NoIndex: true},
		{Name: "idpIdToken", Secret: true, NoIndex: true},
		{Name: "idpAccessToken", Secret: true, NoIndex: true},
		{Name: "idpRefreshToken", Secret: true, NoIndex: true},
		{Name: "identityProvider", Computed: true},
	},
	"tag": {
		{Name: "tag", Locked: true, Rules: []Rule{required}},
		{Name: "count", Kind: IntField, Default: "0"},
		{Name: "description"},
	},
	"vote": {
		{Name: "value", Locked: true, Rules: []Rule{required}},
		{Name: "expiresAfter", Kind: IntField, Default: "2592000", Locked: true, Rules: []Rule{{Name: "notNull"}}},
		{Name: "lockedAfter", Kind: IntField, Default: "30", Locked: true, Rules: []Rule{{Name: "notNull"}}},
		{Name: "upvote", Computed: true},
		{Name: "downvote", Computed: true},
		{Name: "expired", Computed: true},
		{Name: "amendable", Computed: true},
	},
	"address": {
		{Name: "address", Rules: []Rule{required, size(3, 255)}},
		{Name: "country", Rules: []Rule{required, size(2, 255)}},
		{Name: "city", Rules: []Rule{size(0, 255)}},
		{Name: "latlng", Rules: []Rule{required}},
		{Name: "phone"},
	},
	"translation": {
		{Name: "authorName", Default: `"unknown"`, Locked: true, Rules: []Rule{required}},
		{Name: "locale", Locked: true, Rules: []Rule{required}},
		{Name: "thekey", Locked: true, Rules: []Rule{required}},
		{Name: "value", Rules: []Rule{required}},
		{Name: "approved", Kind: FlagField, Default: "false"},
	},
	"linker": {
		{Name: "id1", Locked: true, Rules: []Rule{required}},
		{Name: "id2", Locked: true, Rules: []Rule{required}},
		{Name: "type1", Locked: true, Rules: []Rule{required}},
		{Name: "type2", Locked: true, Rules: []Rule{required}},
		{Name: "metadata"},
		{Name: "nstd", Kind: ObjectsField, Default: "[]"},
	},
	"webhook": {
		{Name: "targetUrl", Rules: []Rule{required, {Name: "url"}}},
		{Name: "secret", Secret: true, NoIndex: true},
		{Name: "typeFilter"},
		{Name: "propertyFilter"},
		{Name: "urlEncoded", Kind: FlagField, Default: "false"},
		{Name: "active", Kind: FlagField, Default: "false"},
		{Name: "tooManyFailures", Kind: FlagField, Default: "false"},
		{Name: "create", Kind: FlagField, Default: "false"},
		{Name: "update", Kind: FlagField, Default: "false"},
		{Name: "delete", Kind: FlagField, Default: "false"},
		{Name: "createAll", Kind: FlagField, Default: "false"},
		{Name: "updateAll", Kind: FlagField, Default: "false"},
		{Name: "deleteAll", Kind: FlagField, Default: "false"},
		{Name: "customEvents", Kind: ListField, Default: "[]"},
		{Name: "triggeredEvent"},
		{Name: "customPayload", Kind: AnyField},
		{Name: "repeatedDeliveryAttempts", Kind: IntField, Default: "1"},
	},
	"form": {
		{Name: "captchaSecretKey", Secret: true, NoIndex: true, Rules: []Rule{required}},
		{Name: "notifyEmails", Kind: ArrayField, Default: "[]", Rules: []Rule{{Name: "notEmpty"}}},
		{Name: "messageStorageEnabled", Kind: FlagField, Default: "false"},
		{Name: "plaintextOnly", Kind: FlagField, Default: "true"},
		{Name: "markdownEnabled", Kind: FlagField, Default: "false"},
		{Name: "redirectTo", Rules: []Rule{{Name: "url"}}},
		{Name: "formActionURI", Computed: true},
	},
})

// customType describes every type that is not a core type.
var customType = coreTypes["sysprop"]

func makeTypes(own map[string][]Field) map[string]*Type {
	out := make(map[string]*Type, len(own))
	for name, fields := range own {
		t := &Type{Name: name, Open: name == "sysprop" || name == "webhook", byName: map[string]int{}}
		for _, list := range [][]Field{baseFields, fields, lastFields} {
			t.Fields = append(t.Fields, list...)
		}
		for i, f := range t.Fields {
			t.byName[f.Name] = i
		}
		out[name] = t
	}
	return out
}

// TypeOf returns the description of a type by its name; a name that is not a core type has that of custom types (O 2.4).
func TypeOf(name string) *Type {
	if t, ok := coreTypes[name]; ok {
		return t
	}
	return customType
}

// IsCoreType says whether a name is that of a core type; names are case-sensitive (O 2.1).
func IsCoreType(name string) bool {
	_, ok := coreTypes[name]
	return ok
}

// corePlurals maps the plurals of the core types to their names (O 2.1).
var corePlurals = func() map[string]string {
	m := make(map[string]string, len(coreTypes))
	for name := range coreTypes {
		m[Plural(name)] = name
	}
	return m
}()

// PlainType says whether objects of a type look the same to everybody at any time, so that stored bytes can be sent as
// they are. Objects of type sysprop are plain unless they are identity records.
func PlainType(name string) bool {
	switch name {
	case "app", "user", "vote", "webhook", "form", "linker":
		return false
	}
	return true
}

// names of declared members, so that decoding does not allocate them.
var interned = func() map[string]string {
	m := map[string]string{}
	for _, t := range coreTypes {
		for _, f := range t.Fields {
			m[`"`+f.Name+`"`] = f.Name
		}
	}
	return m
}()

// internName returns the text of a member's name.
func internName(quoted []byte) string {
	if s, ok := interned[string(quoted)]; ok {
		return s
	}
	return textOf(quoted)
}
