package config

import "slices"

// undeclaredOptions describes the keys that are read although the self-documentation does not list them (C 3.4), and
// those that others write into the same file.
func undeclaredOptions() []Option {
	options := slices.Concat(
		section("Mail",
			opt(0, "mail.host", String, "", "Host of the SMTP server."),
			opt(0, "mail.port", Integer, "", "Port of the SMTP server; 465 with mail.ssl, else 587.").within(0, 65535).derived(mailPort),
			opt(0, "mail.username", String, "", "User name at the SMTP server."),
			opt(0, "mail.password", String, "", "Password at the SMTP server."),
			opt(0, "mail.tls", Boolean, "true", "The connection to the SMTP server switches to TLS."),
			opt(0, "mail.ssl", Boolean, "true", "The connection to the SMTP server uses TLS from the start."),
			opt(0, "mail.debug", Boolean, "false", "The SMTP conversation is logged."),
			opt(0, "mail.from", String, "", "Sender address.").derived(sameAs("support_email")),
		),
		oauthOptions("oa2", "security.oauth", "first"),
		oauthOptions("oa2second", "security.oauthsecond", "second"),
		oauthOptions("oa2third", "security.oauththird", "third"),
		ldapServerOptions(),
		samlOptions(),
		section("Security",
			opt(0, "security.one_session_per_user", Boolean, "true", "A new token of a user makes the earlier ones invalid."),
			opt(0, "security.hosturl_aliases", List, "", "Hosts that sign-in may return to; read from app settings."),
			opt(0, "signin_success", String, "", "Address to go to after a successful sign-in, per app."),
			opt(0, "signin_failure", String, "", "Address to go to after a failed sign-in, per app."),
			opt(0, "returnto", String, "", "Address or parameter to return to after a passwordless sign-in, per app."),
		),
		section("Metrics",
			opt(0, "metricsGraphiteReporter", Object, "", "Host and port of an app's Graphite server; read from app settings.").fileOnly(),
		),
		section("Core",
			opt(0, "logs_dir", String, ".", "Folder of log files; there are none unless it is set."),
			opt(0, "file_logger_level", String, "INFO", "Threshold of log files: ERROR, WARN, INFO, DEBUG; OFF writes none.").checked(checkLogLevel),
			opt(0, "logs_name", String, "para", "Base name of log files."),
			opt(0, "root_access_key", String, "", "Access key of the root app, written by the server for other programs."),
			opt(0, "root_secret_key", String, "", "Secret key of the root app, written by the server for other programs."),
			opt(0, "root_keys_folder", String, "", "Data folder that these two keys belong to, written with them when it is not the one that the file names."),
			opt(0, "store_config_locally", Boolean, "true", "Used by applications that rewrite their own file."),
		),
	)
	for i := range options {
		options[i].Position, options[i].Listed = 6000+i, false
		switch options[i].Category {
		case "Core", "Metrics":
		default:
			options[i].PerApp = true
		}
	}
	return options
}

// oauthOptions describes one of the three generic OAuth 2.0 providers.
func oauthOptions(keys, settings, which string) []Option {
	of := " of the " + which + " generic OAuth 2.0 provider."
	return section("Generic OAuth 2.0",
		opt(0, keys+"_app_id", String, "", "Client id"+of),
		opt(0, keys+"_secret", String, "", "Client secret"+of),
		opt(0, settings+".token_url", String, "", "Token address"+of),
		opt(0, settings+".profile_url", String, "", "Profile address"+of),
		opt(0, settings+".scope", String, "", "Scope"+of),
		opt(0, settings+".accept_header", String, "", "Accept header for the profile"+of),
		opt(0, settings+".parameters.id", String, "sub", "Profile field with the user's id"+of),
		opt(0, settings+".parameters.picture", String, "picture", "Profile field with the picture"+of),
		opt(0, settings+".parameters.email", String, "email", "Profile field with the mail address"+of),
		opt(0, settings+".parameters.name", String, "name", "Profile field with the full name"+of),
		opt(0, settings+".parameters.given_name", String, "given_name", "Profile field with the given name"+of),
		opt(0, settings+".parameters.family_name", String, "family_name", "Profile field with the family name"+of),
		opt(0, settings+".domain", String, "paraio.com", "Domain of invented mail addresses"+of),
		opt(0, settings+".token_delegation_enabled", Boolean, "false", "Access tokens are kept with the user"+of),
		opt(0, settings+".download_avatars", Boolean, "false", "Pictures are downloaded and stored"+of),
		opt(0, settings+".send_scope_to_token_endpoint", Boolean, "true", "The token request carries the scope"+of),
	)
}

// ldapServerOptions describes the directory and what is read from it.
func ldapServerOptions() []Option {
	return section("LDAP Authentication",
		opt(0, "security.ldap.server_url", String, "ldap://localhost:8389/", "Address of the directory."),
		opt(0, "security.ldap.base_dn", String, "dc=springframework,dc=org", "Entry that all others lie under."),
		opt(0, "security.ldap.bind_dn", String, "", "Entry to search the directory as."),
		opt(0, "security.ldap.bind_pass", String, "", "Password of that entry."),
		opt(0, "security.ldap.user_search_base", String, "", "Entry that users lie under."),
		opt(0, "security.ldap.user_search_filter", String, "(cn={0})", "Filter that finds a user."),
		opt(0, "security.ldap.user_dn_pattern", String, "uid={0}", "Pattern of the name of a user's entry; several are separated by |."),
		opt(0, "security.ldap.password_attribute", String, "userPassword", "Attribute with the password."),
		opt(0, "security.ldap.active_directory_domain", String, "", "Active Directory domain."),
		opt(0, "security.ldap.ad_mode_enabled", String, "", "The directory is an Active Directory."),
		opt(0, "security.ldap.compare_passwords", String, "", "Passwords are compared by the directory instead of signing in."),
		opt(0, "security.ldap.displayname_attribute", String, "cn", "Attribute with the display name."),
		opt(0, "security.ldap.username_as_name", String, "", "The user name becomes the display name."),
		opt(0, "security.ldap.mods_group_node", String, "", "Group of moderators."),
		opt(0, "security.ldap.admins_group_node", String, "", "Group of administrators."),
		opt(0, "security.ldap.token_delegation_enabled", Boolean, "false", "Access tokens are kept with the user."),
	)
}

func samlOptions() []Option {
	return section("SAML",
		opt(0, "security.saml.sp.entityid", String, "", "Entity id of this service."),
		opt(0, "security.saml.sp.assertion_consumer_service.url", String, "", "Address that assertions are sent to.").derived(sameAs("security.saml.sp.entityid")),
		opt(0, "security.saml.sp.nameidformat", String, "", "Format of name ids."),
		opt(0, "security.saml.sp.x509cert", String, "", "Certificate of this service, PEM in Base64."),
		opt(0, "security.saml.sp.privatekey", String, "", "Private key of this service, PEM in Base64."),
		opt(0, "security.saml.idp.metadata_url", String, "", "Address of the identity provider's metadata."),
		opt(0, "security.saml.idp.entityid", String, "", "Entity id of the identity provider."),
		opt(0, "security.saml.idp.single_sign_on_service.url", String, "", "Sign-in address of the identity provider."),
		opt(0, "security.saml.idp.x509cert", String, "", "Certificate of the identity provider, PEM in Base64."),
		opt(0, "security.saml.security.authrequest_signed", Boolean, "false", "Requests to the identity provider are signed."),
		opt(0, "security.saml.security.sign_metadata", Boolean, "false", "The metadata of this service is signed."),
		opt(0, "security.saml.attributes.id", String, "UserID", "Attribute with the user's id."),
		opt(0, "security.saml.attributes.picture", String, "Picture", "Attribute with the picture."),
		opt(0, "security.saml.attributes.email", String, "EmailAddress", "Attribute with the mail address."),
		opt(0, "security.saml.attributes.name", String, "GivenName", "Attribute with the full name."),
		opt(0, "security.saml.attributes.firstname", String, "FirstName", "Attribute with the first name."),
		opt(0, "security.saml.attributes.lastname", String, "LastName", "Attribute with the last name."),
		opt(0, "security.saml.domain", String, "paraio.com", "Domain of invented mail addresses."),
		opt(0, "security.saml.token_delegation_enabled", Boolean, "", "Access tokens are kept with the user.").derived(sameAs("security.ldap.token_delegation_enabled")),
	)
}
