package config

import "time"

// authenticationOptions describes the OAuth clients (C 3.3).
func authenticationOptions() []Option {
	return section("Basic Authentication",
		opt(280, "fb_app_id", String, "", "Facebook OAuth 2.0 client id.").perApp(),
		opt(290, "fb_secret", String, "", "Facebook OAuth 2.0 client secret.").perApp(),
		opt(300, "gp_app_id", String, "", "Google OAuth 2.0 client id.").perApp(),
		opt(310, "gp_secret", String, "", "Google OAuth 2.0 client secret.").perApp(),
		opt(320, "in_app_id", String, "", "LinkedIn OAuth 2.0 client id.").perApp(),
		opt(330, "in_secret", String, "", "LinkedIn OAuth 2.0 client secret.").perApp(),
		opt(340, "tw_app_id", String, "", "X (Twitter) OAuth 1.0a consumer key.").perApp(),
		opt(350, "tw_secret", String, "", "X (Twitter) OAuth 1.0a consumer secret.").perApp(),
		opt(360, "gh_app_id", String, "", "GitHub OAuth 2.0 client id.").perApp(),
		opt(370, "gh_secret", String, "", "GitHub OAuth 2.0 client secret.").perApp(),
		opt(380, "ms_app_id", String, "", "Microsoft OAuth 2.0 client id.").perApp(),
		opt(390, "ms_secret", String, "", "Microsoft OAuth 2.0 client secret.").perApp(),
		opt(400, "ms_tenant_id", String, "common", "Microsoft tenant that may sign in.").perApp(),
		opt(410, "az_app_id", String, "", "Login with Amazon client id.").perApp(),
		opt(420, "az_secret", String, "", "Login with Amazon client secret.").perApp(),
		opt(430, "sl_app_id", String, "", "Slack OAuth 2.0 client id.").perApp(),
		opt(440, "sl_secret", String, "", "Slack OAuth 2.0 client secret.").perApp(),
		opt(450, "mm_app_id", String, "", "Mattermost client id; accepted, not used.").perApp(),
		opt(460, "mm_secret", String, "", "Mattermost client secret; accepted, not used.").perApp(),
	)
}

// securityOptions describes sign-in, tokens and paths.
func securityOptions() []Option {
	return section("Security",
		opt(470, "cors_enabled", Boolean, "true", "Browsers on other origins may call the API.").restart(),
		opt(480, "security.csrf_protection", Boolean, "true", "Writes outside the API must carry a CSRF token.").restart(),
		opt(480, "security.csrf_protection_with_spa", Boolean, "false", "CSRF tokens in the form that single-page apps use.").restart(),
		opt(500, "auth_cookie", String, "para-auth", "Name of the cookie that holds a session; it is deleted on sign-out.").perApp(),
		opt(510, "request_expires_after", Integer, "900", "Seconds a signed request stays valid after its date.").unit(time.Second).positive(),
		opt(520, "jwt_expires_after", Integer, "86400", "Seconds an access token stays valid.").unit(time.Second).perApp().positive(),
		opt(530, "jwt_refresh_interval", Integer, "3600", "Seconds after which clients should refresh an access token.").unit(time.Second).positive(),
		opt(540, "id_token_expires_after", Integer, "60", "Seconds a short-lived id token stays valid.").unit(time.Second).positive(),
		opt(550, "session_timeout", Integer, "86400", "Seconds the cookies set by the server are kept.").unit(time.Second).perApp(),
		opt(560, "min_password_length", Integer, "8", "Shortest password that is accepted.").positive(),
		opt(570, "pass_reset_timeout", Integer, "1800", "Seconds a password reset token stays valid.").unit(time.Second).positive(),
		opt(571, "max_pass_matching_attemts", Integer, "20", "Failed password attempts after which the account is locked.").positive(),
		opt(572, "pass_matching_lock_period_hours", Integer, "1", "Hours an account stays locked after too many failed attempts.").unit(time.Hour),
		opt(580, "returnto_cookie", String, "para-returnto", "Name of the cookie that remembers where to go after sign-in."),
		opt(590, "support_email", String, "support@myapp.co", "Address that mail is sent from.").perApp(),
		opt(600, "security.allow_unverified_emails", Boolean, "false", "Users may sign in before they have confirmed their address.").perApp(),
		opt(610, "security.protected", Object, "", "Named lists of protected paths with the roles and methods that may use them.").fileOnly().unlisted(),
		opt(611, "security.ignored", List, "/", "Public paths: no credentials are looked at there.").fileOnly(),
		opt(620, "security.signin", String, "/signin", "Path of the sign-in page."),
		opt(630, "security.signin_success", String, "/", "Address to go to after a successful sign-in.").perApp(),
		opt(640, "security.signin_failure", String, "/signin?error", "Address to go to after a failed sign-in.").perApp(),
		opt(650, "security.signout", String, "/signout", "Path that signs a user out."),
		opt(660, "security.signout_success", String, "", "Address to go to after signing out.").derived(sameAs("security.signin")),
		opt(670, "security.access_denied", String, "/error/403", "Path of the page shown when access is denied."),
		opt(680, "security.returnto", String, "returnto", "Name of the request parameter with the address to return to.").perApp(),
		opt(690, "security.remember_me", Boolean, "true", "Accepted and ignored.").unlisted(),
		opt(700, "app_secret_key", String, "", "Key that signs passwordless tokens of the root app; its secret key when unset.").perApp().unlisted(),
	)
}

// ldapOptions describes the LDAP request parameters.
func ldapOptions() []Option {
	return section("LDAP Authentication",
		opt(850, "security.ldap.password_param", String, "password", "Request parameter with the LDAP password."),
		opt(860, "security.ldap.username_param", String, "username", "Request parameter with the LDAP user name."),
	)
}
