package config

import "time"

// fileOptions describes where files are stored (C 3.3).
func fileOptions() []Option {
	return section("File Storage",
		opt(870, "s3.bucket", String, "", "S3 bucket that files are stored in.").derived(s3Bucket),
		opt(880, "s3.max_filesize_mb", Integer, "10", "Largest file stored in S3, in megabytes."),
		opt(890, "localstorage.folder", String, "", "Folder that files are stored in; \"files\" in the data folder when blank.").derived(filesFolder),
		opt(900, "localstorage.max_filesize_mb", Integer, "10", "Largest file stored on the local disk, in megabytes."),
	)
}

// clientOptions describes options of the Java client, which this server only accepts.
func clientOptions() []Option {
	return section("Para Client",
		opt(910, "client.ssl_protocols", String, "TLSv1.3", "TLS versions of the Java client."),
		opt(920, "client.ssl_keystore", String, "", "Key store of the Java client."),
		opt(930, "client.ssl_keystore_password", String, "", "Password of the key store of the Java client."),
		opt(940, "client.ssl_truststore", String, "", "Trust store of the Java client."),
		opt(950, "client.ssl_truststore_password", String, "", "Password of the trust store of the Java client.").unlisted(),
		opt(960, "user_agent_id_enabled", Boolean, "true", "The Java client names itself in the User-Agent header."),
	)
}

// engineOptions describes the connection to Elasticsearch or OpenSearch.
func engineOptions() []Option {
	return section("Elasticsearch Search",
		opt(970, "es.flavor", String, "elasticsearch", "Dialect of the engine: elasticsearch or opensearch.").oneOf("elasticsearch", "opensearch"),
		opt(980, "es.shards", Integer, "2", "Shards of the index of the root app."),
		opt(990, "es.shards_for_child_apps", Integer, "1", "Shards of the index of each child app."),
		opt(1000, "es.replicas", Integer, "0", "Replicas of the index of the root app."),
		opt(1010, "es.replicas_for_child_apps", Integer, "0", "Replicas of the index of each child app."),
		opt(1020, "es.use_nested_custom_fields", Boolean, "false", "Custom fields are indexed as nested pairs of key and value."),
		opt(1030, "es.async_enabled", Boolean, "false", "Index operations do not wait for the engine."),
		opt(1040, "es.bulk.flush_immediately", Boolean, "true", "Bulk requests are sent at once."),
		opt(1050, "es.restclient_scheme", String, "", "Scheme of the address of the engine, http or https.").derived(engineScheme).oneOf("http", "https"),
		opt(1060, "es.restclient_host", String, "localhost", "Host of the engine."),
		opt(1070, "es.restclient_port", Integer, "9200", "Port of the engine.").within(0, 65535),
		opt(1080, "es.sign_requests_to_aws", Boolean, "", "Requests carry an AWS signature. On by default for AWS hosts.").derived(awsHost),
		opt(1090, "es.restclient_context_path", String, "", "Prefix of all paths at the engine."),
		opt(1100, "es.auto_expand_replicas", String, "0-1", "Index setting auto_expand_replicas."),
		opt(1110, "es.root_index_sharing_enabled", Boolean, "false", "Child apps may share the index of the root app."),
		opt(1120, "es.track_total_hits", String, "true", "true, false or the number of hits up to which totals are exact.").announced("Boolean"),
		opt(1130, "es.aws_region", String, "eu-west-1", "AWS region that requests are signed for."),
		opt(1140, "es.basic_auth_login", String, "", "User name at the engine."),
		opt(1150, "es.basic_auth_password", String, "", "Password at the engine."),
		opt(1160, "es.bulk.size_limit_mb", Integer, "5", "Bulk requests are sent at this size, in megabytes."),
		opt(1170, "es.bulk.action_limit", Integer, "1000", "Bulk requests are sent at this number of operations."),
		opt(1180, "es.bulk.concurrent_requests", Integer, "1", "Bulk requests that may run at the same time."),
		opt(1190, "es.bulk.flush_interval_ms", Integer, "5000", "Milliseconds after which a bulk request is sent anyway.").unit(time.Millisecond),
		opt(1200, "es.bulk.backoff_initial_delay_ms", Integer, "50", "Milliseconds before the first repetition of a failed bulk request.").unit(time.Millisecond),
		opt(1210, "es.bulk.max_num_retries", Integer, "8", "Repetitions of a failed bulk request."),
		opt(1220, "es.proxy_enabled", Boolean, "false", "Apps may send requests to the engine through the API."),
		opt(1230, "es.proxy_path", String, "_elasticsearch", "Path below /v1/ of requests passed to the engine."),
		opt(1240, "es.proxy_reindexing_enabled", Boolean, "false", "A rebuild of the index may be started through the API."),
	)
}

// luceneOptions describes the folder of the Java server's index.
func luceneOptions() []Option {
	return section("Lucene Search",
		opt(1250, "lucene.dir", String, "", "Folder of the index of the Java server; the embedded store keeps its index in db.dir.").derived(workDir),
	)
}

// mongoOptions describes the connection to MongoDB.
func mongoOptions() []Option {
	return section("MongoDB DAO",
		opt(1260, "mongodb.uri", String, "", "Connection string of MongoDB; wins over the following options."),
		opt(1270, "mongodb.database", String, "", "Database name in MongoDB.").derived(rootIdentifier),
		opt(1280, "mongodb.host", String, "localhost", "Host of MongoDB."),
		opt(1290, "mongodb.port", Integer, "27017", "Port of MongoDB.").within(0, 65535),
		opt(1300, "mongodb.user", String, "", "User name at MongoDB."),
		opt(1310, "mongodb.password", String, "", "Password at MongoDB."),
		opt(1320, "mongodb.ssl_enabled", Boolean, "false", "The connection to MongoDB uses TLS."),
		opt(1330, "mongodb.ssl_allow_all", Boolean, "false", "Certificates and host names of MongoDB are not verified."),
	)
}

// sqlOptions describes the embedded store and the connection to SQL databases.
func sqlOptions() []Option {
	return section("SQL DAO",
		opt(1340, "db.hostname", String, "", "Host of an H2 server; accepted and ignored."),
		opt(1350, "db.dir", String, "./data", "Data folder of the embedded store."),
		opt(1360, "db.user", String, "", "User name at H2; accepted and ignored.").derived(rootIdentifier),
		opt(1370, "db.password", String, "secret", "Password at H2; accepted and ignored.").unlisted(),
		opt(1380, "db.tcpServer", String, "", "Arguments of the H2 server; accepted and ignored.").derived(tcpServer),
		opt(1390, "sql.url", String, "", "Address of the SQL database, without \"jdbc:\"."),
		opt(1400, "sql.driver", String, "", "Java class of the SQL driver; tells the kind of database."),
		opt(1410, "sql.user", String, "user", "User name at the SQL database."),
		opt(1420, "sql.password", String, "secret", "Password at the SQL database."),
	)
}

// cassandraOptions describes the connection to Cassandra.
func cassandraOptions() []Option {
	return section("Cassandra DAO",
		opt(1430, "cassandra.hosts", String, "localhost", "Hosts of Cassandra, separated by commas."),
		opt(1440, "cassandra.keyspace", String, "para", "Keyspace in Cassandra."),
		opt(1450, "cassandra.user", String, "", "User name at Cassandra."),
		opt(1460, "cassandra.password", String, "", "Password at Cassandra."),
		opt(1470, "cassandra.port", Integer, "9042", "Port of Cassandra.").within(0, 65535),
		opt(1480, "cassandra.replication_factor", Integer, "1", "Replicas of each row in a new keyspace."),
		opt(1490, "cassandra.ssl_enabled", Boolean, "false", "The connection to Cassandra uses TLS."),
		opt(1500, "cassandra.ssl_protocols", String, "TLSv1.3", "TLS versions for Cassandra."),
		opt(1510, "cassandra.ssl_keystore", String, "", "File with the client certificate for Cassandra."),
		opt(1520, "cassandra.ssl_keystore_password", String, "", "Password of the client certificate for Cassandra."),
		opt(1530, "cassandra.ssl_truststore", String, "", "File with the certificates trusted for Cassandra."),
		opt(1540, "cassandra.ssl_truststore_password", String, "", "Password of the file with the certificates trusted for Cassandra."),
	)
}

// dynamoOptions describes the tables in DynamoDB.
func dynamoOptions() []Option {
	return section("AWS DynamoDB DAO",
		opt(1550, "dynamodb.sse_enabled", Boolean, "false", "New tables are encrypted with an own key."),
		opt(1560, "dynamodb.replica_regions", String, "", "Regions of global tables, separated by commas."),
		opt(1570, "dynamodb.backups_enabled", Boolean, "", "Tables can be restored to a point in time. On by default in production.").derived(productionOnly),
		opt(1580, "dynamodb.provisioned_mode_enabled", Boolean, "false", "Tables have provisioned capacity instead of payment by request."),
		opt(1590, "dynamodb.max_read_capacity", Integer, "10", "Read units of a table with provisioned capacity."),
		opt(1600, "dynamodb.max_write_capacity", Integer, "5", "Write units of a table with provisioned capacity."),
	)
}

// cacheOptions describes the built-in cache.
func cacheOptions() []Option {
	return section("Caffeine Cache",
		opt(1610, "caffeine.evict_after_minutes", Integer, "10", "Minutes an object stays in the cache after it was put there.").unit(time.Minute),
		opt(1620, "caffeine.cache_size", Integer, "10000", "Highest number of objects in the cache, over all apps."),
	)
}

// hazelcastOptions describes the Hazelcast cache, which this server only accepts.
func hazelcastOptions() []Option {
	return section("Hazelcast Cache",
		opt(1630, "hc.async_enabled", Boolean, "false", "Objects are put into Hazelcast without waiting."),
		opt(1640, "hc.ttl_seconds", Integer, "3600", "Seconds an object stays in Hazelcast.").unit(time.Second),
		opt(1650, "hc.ec2_discovery_enabled", Boolean, "true", "Hazelcast nodes find each other on EC2."),
		opt(1660, "hc.aws_access_key", String, "", "AWS access key of Hazelcast's discovery.").derived(environment("AWS_ACCESS_KEY_ID")),
		opt(1670, "hc.aws_secret_key", String, "", "AWS secret key of Hazelcast's discovery.").derived(environment("AWS_SECRET_ACCESS_KEY")),
		opt(1680, "hc.aws_region", String, "", "AWS region of Hazelcast's discovery.").derived(environment("AWS_REGION")),
		opt(1690, "hc.discovery_group", String, "hazelcast", "EC2 security group of Hazelcast's nodes."),
		opt(1700, "hc.max_size", Integer, "5000", "Highest number of objects on a Hazelcast node."),
		opt(1710, "hc.eviction_policy", String, "LRU", "Which objects leave Hazelcast first, LRU or LFU."),
	)
}
