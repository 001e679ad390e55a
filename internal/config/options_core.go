package config

import "time"

// coreOptions describes the options of the server itself (C 3.3).
func coreOptions() []Option {
	return section("Core",
		opt(10, "app_name", String, "para", "Display name of the root app. The identifier of the root app follows from it: another name means another, new root app.").checked(checkAppName),
		opt(11, "root_secret_override", String, "", "Fixed secret key of the root app, applied when the app is created and at every later start.").checked(checkRootSecret),
		opt(20, "context_path", String, "", "Prefix of all paths of the server, starting with a slash.").restart().checked(checkContextPath),
		opt(30, "port", Integer, "8080", "TCP port the server listens on; 0 picks a free one.").within(0, 65535).restart(),
		opt(40, "env", String, "embedded", "Name of the environment. Only \"production\" changes behaviour.").restart().unlisted(),
		opt(50, "dao", String, "H2DAO", "Database driver.").restart(),
		opt(60, "search", String, "LuceneSearch", "Search engine driver.").restart(),
		opt(70, "cache", String, "CaffeineSearch", "Object cache driver.").restart(),
		opt(80, "q", String, "LocalQueue", "Queue driver.").restart(),
		opt(90, "fs", String, "LocalFileStore", "File storage driver.").restart(),
		opt(100, "emailer", String, "NoopEmailer", "Mail driver."),
		opt(110, "search_enabled", Boolean, "true", "Objects are indexed and the health check looks at the search engine."),
		opt(120, "cache_enabled", Boolean, "", "Objects are cached in memory. On by default in production.").derived(productionOnly),
		opt(130, "webhooks_enabled", Boolean, "false", "Changes are delivered to webhooks."),
		opt(140, "api_enabled", Boolean, "true", "The REST API is served."),
		opt(150, "cluster_name", String, "", "Label of the cluster this node belongs to.").derived(clusterName),
		opt(160, "core_package_name", String, "", "Package of Java classes; accepted and ignored.").unlisted(),
		opt(170, "admin_ident", String, "", "Identifier of the user who becomes administrator when created."),
		opt(180, "worker_id", String, "1", "Number of this node, 0 to 31, used in generated ids.").checked(checkWorker),
		opt(190, "executor_threads", Integer, "2", "Number of background tasks that may run at the same time.").positive(),
		opt(191, "executor_service_enabled", Boolean, "true", "Background tasks run on their own; when off they run within the request."),
		opt(200, "max_failed_webhook_attempts", Integer, "10", "A webhook is switched off after this many failed deliveries."),
		opt(210, "reindex_batch_size", Integer, "", "Objects per batch while the index is rebuilt.").derived(sameAs("max_items_per_page")).positive(),
		opt(220, "sync_index_with_db", Boolean, "true", "Search hits that no longer exist in the database are removed from the index."),
		opt(230, "read_from_index", Boolean, "false", "Search results are taken from the index instead of the database, for recovery."),
		opt(240, "max_datatypes_per_app", Integer, "256", "Highest number of custom types in an app.").positive(),
		opt(250, "max_entity_size_bytes", Integer, "1048576", "Longest JSON body of one object, in bytes; a batch may have 100 times as much.").positive(),
		opt(260, "health.check_interval", Integer, "60", "Seconds between health checks; 0 or less switches them off.").unit(time.Second).signed(),
		opt(270, "health_check_enabled", Boolean, "true", "Health is checked at intervals. The check at start-up is always made."),
	)
}

// queueOptions describes the options of queue and river.
func queueOptions() []Option {
	return section("River & Queue",
		opt(710, "default_queue_name", String, "para-default", "Name of the queue at an external queue service."),
		opt(720, "queue_link_enabled", Boolean, "false", "The server polls the queue for work."),
		opt(730, "queue.polling_sleep_seconds", Integer, "60", "Seconds to sleep after several empty polls of the queue.").unit(time.Second),
		opt(740, "queue.polling_interval_seconds", Integer, "10", "Seconds to wait for messages in one poll of an external queue.").unit(time.Second),
		opt(750, "river.max_indexing_retries", Integer, "5", "Attempts to index an object that is not in the database yet."),
		opt(760, "indexing_sync_interval_sec", Integer, "10", "Seconds between batches of index updates sent through a queue.").unit(time.Second),
	)
}

// metricsOptions describes the options of metrics.
func metricsOptions() []Option {
	return section("Metrics",
		opt(770, "metrics_enabled", Boolean, "true", "Metrics are collected and reported."),
		opt(780, "metrics.logging_rate", Integer, "60", "Seconds between two reports in the metrics log; 0 switches them off.").unit(time.Second).signed(),
		opt(790, "metrics.graphite.host", String, "", "Host of the Graphite server.").perApp(),
		opt(800, "metrics.graphite.port", Integer, "2003", "Port of the Graphite server.").within(0, 65535).perApp(),
		opt(810, "metrics.graphite.prefix_system", String, "", "Prefix of system metrics in Graphite; {{INSTANCE_ID}} stands for the node."),
		opt(820, "metrics.graphite.prefix_apps", String, "", "Prefix of app metrics in Graphite; {{INSTANCE_ID}} and {{APP_ID}} stand for node and app."),
		opt(830, "metrics.graphite.period", Integer, "0", "Seconds between two pushes to Graphite; 0 or less switches them off.").unit(time.Second).signed(),
		opt(840, "metrics.jmx_enabled", Boolean, "false", "Metrics over JMX; accepted, see metrics.prometheus_enabled."),
	)
}

// miscellaneousOptions describes the options that belong nowhere else.
func miscellaneousOptions() []Option {
	return section("Miscellaneous",
		opt(1720, "max_items_per_page", Integer, "30", "Objects on a page of results when the request does not say.").positive(),
		opt(1730, "max_pages", Integer, "1000", "Highest page number.").positive(),
		opt(1740, "max_page_limit", Integer, "256", "Highest number of objects on a page that a request may ask for.").positive(),
		opt(1750, "access_log_enabled", Boolean, "true", "Requests are written to the access log."),
		opt(1760, "shared_table_name", String, "0", "DynamoDB table of apps that share one."),
		opt(1770, "fail_on_write_errors", Boolean, "true", "A failed write to the database is an error of the request; always so in this server.").checked(checkWriteErrors),
		opt(1780, "import_batch_size", Integer, "100", "Objects per batch of an import.").positive(),
		opt(1790, "gzip_enabled", Boolean, "true", "Responses are compressed when the client accepts it."),
		opt(1800, "debug_request_signatures", Boolean, "false", "Details of request signatures are logged."),
		opt(1810, "vote_expires_after", Integer, "2592000", "Seconds after which a user may vote again.").unit(time.Second),
		opt(1820, "vote_locked_after", Integer, "30", "Seconds during which a vote can be changed.").unit(time.Second),
		opt(1830, "plugin_folder", String, "lib/", "Folder of Java plugins; accepted and ignored."),
		opt(1840, "prepend_shared_appids_with_space", Boolean, "false", "Identifiers of apps that share a table begin with a space."),
		opt(1850, "print_version", Boolean, "true", "The version is shown at /v1."),
		opt(1860, "print_logo", Boolean, "true", "A banner is printed at start-up."),
		opt(1870, "markdown_soft_break", String, "<br>", "HTML for a line break within a Markdown paragraph."),
		opt(1871, "markdown_allowed_follow_domains", String, "", "Hosts whose links in Markdown do not get rel=\"nofollow noreferrer\", separated by commas."),
		opt(1880, "aws_ses_region", String, "eu-west-1", "AWS region of the SES mail service."),
		opt(1890, "pidfile_enabled", Boolean, "true", "The process id is written to a file."),
		opt(1900, "default_separator", String, ":", "Separator within composed ids; part of stored ids, do not change it."),
		opt(1910, "default_encoding", String, "UTF-8", "Character set; always UTF-8."),
		opt(1920, "landing_page_enabled", Boolean, "true", "A page is shown at the root of the server."),
		opt(1930, "mcp_server_mode", String, "off", "MCP server: off, r (read-only tools) or rw (all tools).").checked(checkMCPMode),
	)
}
