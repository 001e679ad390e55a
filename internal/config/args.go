package config

import "strings"

// Definitions are the Java-style settings of a command line.
type Definitions struct {
	Values map[string]string // name as written, such as "para.port" or "config.file"
	Rest   []string          // arguments that are something else, in order
	Other  []string          // parts of JAVA_OPTS that were not understood
}

// ParseArgs takes the definitions out of a command line (C 1.6): -Dname=value anywhere, --name=value for names that
// begin with para., config., server., spring. or logging., and -config PATH (also --config PATH, --config=PATH) as an
// alias of -Dconfig.file. Options of the Java virtual machine and "-jar x.jar" are dropped, so that wrapper scripts for
// the Java server keep working. Everything after "--" is left alone.
func ParseArgs(args []string) Definitions {
	d := Definitions{Values: map[string]string{}}
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if arg == "--" {
			d.Rest = append(d.Rest, args[i:]...)
			break
		}
		if d.define(arg) || isJavaOption(arg) {
			continue
		}
		hasNext := i+1 < len(args)
		switch {
		case (arg == "-config" || arg == "--config") && hasNext:
			i++
			d.Values["config.file"] = args[i]
		case arg == "-jar" && hasNext:
			i++
		case takesArgument(arg) && hasNext:
			i++
		default:
			d.Rest = append(d.Rest, arg)
		}
	}
	return d
}

// ParseJavaOpts reads the value of the environment variable JAVA_OPTS (C 1.6): its -D parts count, options of the Java
// virtual machine are dropped, anything else is listed in Other.
func ParseJavaOpts(opts string) Definitions {
	d := Definitions{Values: map[string]string{}}
	parts := strings.Fields(opts)
	for i := 0; i < len(parts); i++ {
		switch part := parts[i]; {
		case strings.HasPrefix(part, "-D") && d.define(part):
		case isJavaOption(part):
		case takesArgument(part):
			i++
		default:
			d.Other = append(d.Other, part)
		}
	}
	return d
}

func (d *Definitions) define(arg string) bool {
	if text, ok := strings.CutPrefix(arg, "-D"); ok {
		name, value, _ := strings.Cut(text, "=")
		if name == "" {
			return false
		}
		d.Values[name] = value
		return true
	}
	text, ok := strings.CutPrefix(arg, "--")
	if !ok {
		return false
	}
	name, value, ok := strings.Cut(text, "=")
	if !ok {
		return false
	}
	if name == "config" {
		d.Values["config.file"] = value
		return true
	}
	for _, space := range []string{prefix, "config.", "server.", "spring.", "logging."} {
		if strings.HasPrefix(name, space) {
			d.Values[name] = value
			return true
		}
	}
	return false
}

// isJavaOption reports whether an argument means something to the Java virtual machine only.
func isJavaOption(arg string) bool {
	for _, start := range []string{"-X", "-javaagent", "-Dloader.path", "--add-modules=", "--add-opens=", "--add-exports=",
		"--enable-native-access=", "--enable-preview", "--sun-misc-unsafe-memory-access="} {
		if strings.HasPrefix(arg, start) {
			return true
		}
	}
	return false
}

// takesArgument reports whether an option of the Java virtual machine is followed by its value.
func takesArgument(arg string) bool {
	switch arg {
	case "--add-modules", "--add-opens", "--add-exports", "-cp", "-classpath", "--class-path":
		return true
	}
	return false
}
