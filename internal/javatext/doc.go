// Package javatext formats times by the date patterns of the Java platform, with its locales (O 20.8).
package javatext
