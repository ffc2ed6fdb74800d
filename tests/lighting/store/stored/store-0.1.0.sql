BEGIN TRANSACTION;
CREATE TABLE alarm_state (
	alarm_id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	subject_kind VARCHAR(16) NOT NULL, 
	subject_id TEXT NOT NULL, 
	raised_ms BIGINT NOT NULL, 
	returned_ms BIGINT, 
	fact_code TEXT NOT NULL, 
	fact_values TEXT NOT NULL, 
	CONSTRAINT pk_alarm_state PRIMARY KEY (alarm_id), 
	CONSTRAINT fk_alarm_state_alarm_id FOREIGN KEY(alarm_id) REFERENCES alarm_transition (id)
);
CREATE TABLE alarm_transition (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	at_ms BIGINT NOT NULL, 
	kind TEXT NOT NULL, 
	subject_kind VARCHAR(16) NOT NULL, 
	subject_id TEXT NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	fact_code TEXT NOT NULL, 
	fact_values TEXT NOT NULL
);
CREATE TABLE alembic_version (
        version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
    );
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE asset (
	"key" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	kind VARCHAR(16) NOT NULL, 
	text_id TEXT NOT NULL, 
	since_ms BIGINT NOT NULL, 
	renamed_from TEXT, 
	CONSTRAINT uq_asset_kind_text_id UNIQUE (kind, text_id)
);
INSERT INTO "asset" VALUES(1,'cabinet','CB01',1795594801815,NULL);
INSERT INTO "asset" VALUES(2,'cabinet','CB02',1795594801815,NULL);
INSERT INTO "asset" VALUES(3,'bus','CB01-bus',1795594801815,NULL);
INSERT INTO "asset" VALUES(4,'bus','CB02-bus',1795594801815,NULL);
INSERT INTO "asset" VALUES(5,'device','CB01-D',1795594801815,NULL);
INSERT INTO "asset" VALUES(6,'device','CB01-R',1795594801815,NULL);
INSERT INTO "asset" VALUES(7,'device','CB01-M',1795594801815,NULL);
INSERT INTO "asset" VALUES(8,'device','CB02-D',1795594801815,NULL);
INSERT INTO "asset" VALUES(9,'device','CB02-R',1795594801815,NULL);
INSERT INTO "asset" VALUES(10,'device','CB02-M',1795594801815,NULL);
INSERT INTO "asset" VALUES(11,'circuit','C-0101',1795594801815,NULL);
INSERT INTO "asset" VALUES(12,'circuit','C-0102',1795594801815,NULL);
INSERT INTO "asset" VALUES(13,'circuit','C-0103',1795594801815,NULL);
INSERT INTO "asset" VALUES(14,'circuit','C-0201',1795594801815,NULL);
INSERT INTO "asset" VALUES(15,'meter','CB01-M:L1',1795594801815,NULL);
INSERT INTO "asset" VALUES(16,'meter','CB01-M:L2',1795594801815,NULL);
INSERT INTO "asset" VALUES(17,'meter','CB01-M:L3',1795594801815,NULL);
INSERT INTO "asset" VALUES(18,'meter','CB02-M:total',1795594801815,NULL);
CREATE TABLE asset_rename (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	at_ms BIGINT NOT NULL, 
	asset_key INTEGER NOT NULL, 
	renamed_from TEXT NOT NULL, 
	text_id TEXT NOT NULL, 
	CONSTRAINT fk_asset_rename_asset_key FOREIGN KEY(asset_key) REFERENCES asset ("key")
);
CREATE TABLE audit (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	at_ms BIGINT NOT NULL, 
	"by" TEXT NOT NULL, 
	act TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	"values" TEXT NOT NULL
);
INSERT INTO "audit" VALUES(1,1795594801744,'lighting run','add_revision','revision:1','{"changed_files": "buses.csv, cabinets.csv, calendar.toml, circuits.csv, devices.csv, districts.csv, luminaire_types.csv, permanent_loads.csv, programs.toml, site.toml", "note": ""}');
INSERT INTO "audit" VALUES(2,1795594864707,'thu','record_instruction','circuit:C-0101','{"below_floor": false, "circuits": 1, "instruction_id": 1, "layer": "override", "level_pct": 100.0, "reason": "road works", "until_ms": 1795602064707}');
INSERT INTO "audit" VALUES(3,1795594865602,'thu','record_instruction','circuit:C-0103','{"below_floor": false, "circuits": 1, "instruction_id": 2, "layer": "lockout", "level_pct": null, "reason": "lamp change", "until_ms": null}');
CREATE TABLE change (
	topic VARCHAR(32) NOT NULL, 
	counter BIGINT NOT NULL, 
	CONSTRAINT pk_change PRIMARY KEY (topic)
);
INSERT INTO "change" VALUES('revision',1);
INSERT INTO "change" VALUES('state',18);
INSERT INTO "change" VALUES('instruction',5);
CREATE TABLE circuit_state (
	circuit_key INTEGER NOT NULL, 
	at_ms BIGINT NOT NULL, 
	desired_pct DOUBLE, 
	accepted_pct DOUBLE, 
	actual_pct DOUBLE, 
	lit BOOLEAN, 
	on_since_ms BIGINT, 
	power_w DOUBLE, 
	expected_power_w DOUBLE, 
	layer SMALLINT NOT NULL, 
	cause_code TEXT NOT NULL, 
	cause_values TEXT NOT NULL, 
	dark BOOLEAN, 
	polled_ms BIGINT, 
	quality SMALLINT NOT NULL, 
	local_control VARCHAR(16) NOT NULL, 
	relay_commanded BOOLEAN, 
	relay_closed BOOLEAN, 
	pending BOOLEAN NOT NULL, 
	CONSTRAINT pk_circuit_state PRIMARY KEY (circuit_key)
);
INSERT INTO "circuit_state" VALUES(11,1795594867830,100.0,100.0,70.5,1,1795594864808,1.51126440429687499992e+03,2160.0,5,'override_in_force','{"by": "thu", "id": 1, "level_pct": 100.0, "reason": "road works", "until_ms": 1795602064707}',0,1795594867827,0,'',1,1,0);
INSERT INTO "circuit_state" VALUES(12,1795594867830,0.0,0.0,0.0,0,NULL,0.0,0.0,8,'program_off_until','{"program": "main-road", "rule": "", "until_ms": 1795601628792}',0,1795594867827,0,'',NULL,0,0);
INSERT INTO "circuit_state" VALUES(13,1795594867830,NULL,0.0,0.0,0,NULL,0.0,0.0,1,'lockout_in_force','{"by": "thu", "id": 2, "reason": "lamp change", "until_ms": null}',0,1795594867827,0,'',NULL,0,0);
INSERT INTO "circuit_state" VALUES(14,1795594860876,0.0,0.0,0.0,0,NULL,0.0,0.0,8,'program_off_until','{"program": "park-path", "rule": "", "until_ms": 1795601628792}',0,1795594860842,0,'',NULL,0,0);
CREATE TABLE clock (
	id INTEGER NOT NULL, 
	real_start_ms BIGINT NOT NULL, 
	simulated_start_ms BIGINT NOT NULL, 
	speed DOUBLE NOT NULL, 
	CONSTRAINT pk_clock PRIMARY KEY (id), 
	CONSTRAINT ck_clock_one_row CHECK (id = 1)
);
CREATE TABLE controller_beat (
	id INTEGER NOT NULL, 
	holder TEXT NOT NULL, 
	pid INTEGER NOT NULL, 
	host TEXT NOT NULL, 
	started_ms BIGINT NOT NULL, 
	beat_ms BIGINT NOT NULL, 
	real_beat_ms BIGINT NOT NULL, 
	tick BIGINT NOT NULL, 
	tick_s DOUBLE NOT NULL, 
	revision_id INTEGER NOT NULL, 
	trusted_ms BIGINT NOT NULL, 
	doubt_code TEXT, 
	doubt_values TEXT, 
	fault_code TEXT, 
	fault_values TEXT, 
	stopped BOOLEAN NOT NULL, 
	CONSTRAINT pk_controller_beat PRIMARY KEY (id), 
	CONSTRAINT ck_controller_beat_one_row CHECK (id = 1)
);
INSERT INTO "controller_beat" VALUES(1,'lighting run',42,'pc',1795594857692,1795594873165,1795594873165,4,7.04,1,1795594869819,NULL,NULL,NULL,NULL,1);
CREATE TABLE controller_lock (
	id INTEGER NOT NULL, 
	holder TEXT NOT NULL, 
	pid INTEGER NOT NULL, 
	host TEXT NOT NULL, 
	since_ms BIGINT NOT NULL, 
	CONSTRAINT pk_controller_lock PRIMARY KEY (id), 
	CONSTRAINT ck_controller_lock_one_row CHECK (id = 1)
);
CREATE TABLE decision (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	circuit_key INTEGER NOT NULL, 
	at_ms BIGINT NOT NULL, 
	level_pct DOUBLE, 
	layer SMALLINT NOT NULL, 
	cause_code TEXT NOT NULL, 
	cause_values TEXT NOT NULL, 
	revision_id INTEGER NOT NULL
);
INSERT INTO "decision" VALUES(1,11,1795594801905,0.0,8,'program_off_until','{"program": "main-road", "rule": "", "until_ms": 1795601628792}',1);
INSERT INTO "decision" VALUES(2,12,1795594801905,0.0,8,'program_off_until','{"program": "main-road", "rule": "", "until_ms": 1795601628792}',1);
INSERT INTO "decision" VALUES(3,13,1795594801905,0.0,8,'program_off_until','{"program": "full-night", "rule": "", "until_ms": 1795601628792}',1);
INSERT INTO "decision" VALUES(4,14,1795594801905,0.0,8,'program_off_until','{"program": "park-path", "rule": "", "until_ms": 1795601628792}',1);
INSERT INTO "decision" VALUES(5,11,1795594857769,0.0,8,'program_off_until','{"program": "main-road", "rule": "", "until_ms": 1795601628792}',1);
INSERT INTO "decision" VALUES(6,12,1795594857769,0.0,8,'program_off_until','{"program": "main-road", "rule": "", "until_ms": 1795601628792}',1);
INSERT INTO "decision" VALUES(7,13,1795594857769,0.0,8,'program_off_until','{"program": "full-night", "rule": "", "until_ms": 1795601628792}',1);
INSERT INTO "decision" VALUES(8,14,1795594857769,0.0,8,'program_off_until','{"program": "park-path", "rule": "", "until_ms": 1795601628792}',1);
INSERT INTO "decision" VALUES(9,11,1795594864783,100.0,5,'override_in_force','{"by": "thu", "id": 1, "level_pct": 100.0, "reason": "road works", "until_ms": 1795602064707}',1);
INSERT INTO "decision" VALUES(10,13,1795594865793,NULL,1,'lockout_in_force','{"by": "thu", "id": 2, "reason": "lamp change", "until_ms": null}',1);
CREATE TABLE device_state (
	asset_key INTEGER NOT NULL, 
	at_ms BIGINT NOT NULL, 
	reachable BOOLEAN, 
	last_ok_ms BIGINT, 
	fault TEXT NOT NULL, 
	consecutive_failures INTEGER NOT NULL, 
	uptime_s DOUBLE, 
	CONSTRAINT pk_device_state PRIMARY KEY (asset_key)
);
INSERT INTO "device_state" VALUES(3,1795594867830,1,1795594867830,'',0,NULL);
INSERT INTO "device_state" VALUES(4,1795594860876,1,1795594860876,'',0,NULL);
INSERT INTO "device_state" VALUES(5,1795594867830,1,1795594867811,'',0,13.0);
INSERT INTO "device_state" VALUES(6,1795594867830,1,1795594867827,'',0,13.0);
INSERT INTO "device_state" VALUES(7,1795594867830,1,1795594867830,'',0,NULL);
INSERT INTO "device_state" VALUES(8,1795594860876,1,1795594860835,'',0,6.0);
INSERT INTO "device_state" VALUES(9,1795594860876,1,1795594860843,'',0,6.0);
INSERT INTO "device_state" VALUES(10,1795594860876,1,1795594860876,'',0,NULL);
CREATE TABLE device_write (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	at_ms BIGINT NOT NULL, 
	device_key INTEGER NOT NULL, 
	channel TEXT NOT NULL, 
	quantity TEXT NOT NULL, 
	value DOUBLE NOT NULL, 
	outcome TEXT NOT NULL, 
	latency_ms BIGINT NOT NULL, 
	instruction_id INTEGER
);
INSERT INTO "device_write" VALUES(1,1795594802034,8,'1','dim_level',100.0,'verified',1,NULL);
INSERT INTO "device_write" VALUES(2,1795594802034,5,'1','dim_level',100.0,'verified',2,NULL);
INSERT INTO "device_write" VALUES(3,1795594802039,5,'2','dim_level',100.0,'verified',6,NULL);
INSERT INTO "device_write" VALUES(4,1795594857834,8,'1','dim_level',100.0,'verified',0,NULL);
INSERT INTO "device_write" VALUES(5,1795594857834,5,'1','dim_level',100.0,'verified',1,NULL);
INSERT INTO "device_write" VALUES(6,1795594857834,5,'2','dim_level',100.0,'verified',1,NULL);
INSERT INTO "device_write" VALUES(7,1795594864808,6,'1','relay_closed',1.0,'verified',24,1);
CREATE TABLE file_text (
	text_hash VARCHAR(64) NOT NULL, 
	text TEXT NOT NULL, 
	CONSTRAINT pk_file_text PRIMARY KEY (text_hash)
);
INSERT INTO "file_text" VALUES('2c6bb6ad5e6e0a43ddeb4d4b1a88342aa085e5c1d1a1166d9096680a8dfab69c','# One line or gateway each: tcp://host:port (Modbus TCP) or rtu-tcp://host:port (RTU frames over TCP).
# Keep them in a private network: Modbus knows no passwords. These two are what `lighting simulate` serves.
id,url
CB01-bus,tcp://127.0.0.1:28121
CB02-bus,rtu-tcp://127.0.0.1:28122
');
INSERT INTO "file_text" VALUES('8dddae22f307c39865b50c288725fcc012053756b1dfaf1f8acc21c91b9dc697','# hardware_fallback: none, photocell, astronomical_switch or normally_closed_contact: what lights the street if all else fails.
# local_input: DEVICE:CHANNEL of a HAND/OFF/AUTO contact; it reads local_active (yes or no) while not at AUTO.
id,name,district,latitude_deg,longitude_deg,hardware_fallback,local_input,local_active
CB01,Market square,centre,21.0285,105.8542,astronomical_switch,CB01-R:in1,yes
CB02,Lake path,lakeside,21.0301,105.8520,none,,
');
INSERT INTO "file_text" VALUES('788f73efd914753de6cc05f80e0ff567f55f83c9fe8adb5b668f08b3b399ae1b','# The first rule that matches a lighting night wins; without one, every circuit follows its own program.
# use: a circuit''s program = that night''s program; "*" stands for every program that is not named.
# dates: "2026-12-24" or "2026-12-24..2027-01-01", both included; weekdays: mon … sun; holidays: true.
schema_version = 1

[holidays]
country = "VN"
added = []
removed = []

[[rules]]
name = "Public holidays"
holidays = true
use = { main-road = "festival", park-path = "festival" }

[[rules]]
name = "Weekend evenings at the lake"
weekdays = ["fri", "sat"]
use = { park-path = "festival" }
');
INSERT INTO "file_text" VALUES('57bf6e2e4835e1751a7617619fa947fce3109fc923d8e45e55cfbb39e3bab849','# luminaires: TYPE:COUNT+TYPE:COUNT. dimmer, relay: DEVICE:CHANNEL, at least one of the two.
# meter: DEVICE:CHANNEL+CHANNEL, the phases that feed the circuit; several circuits may share a meter.
# design_class, lowest_class: M1…M6, C0…C5, P1…P6; maintained_level is what 100 % gives (cd/m² for M, lx for C and P).
# never_dim: crossings and conflict areas.
id,cabinet,name,road,district,program,luminaires,dimmer,relay,meter,design_class,lowest_class,maintained_level,never_dim,latitude_deg,longitude_deg
C-0101,CB01,Market street,Market street,centre,main-road,led-90:24,CB01-D:1,CB01-R:1,CB01-M:L1,M3,M5,1.1,no,21.0287,105.8544
C-0102,CB01,Market street crossings,Market street,centre,main-road,led-90:6,CB01-D:2,CB01-R:2,CB01-M:L2,C2,C2,22,yes,21.0286,105.8546
C-0103,CB01,Old quay,Quay road,centre,full-night,hps-150:8,,CB01-R:3,CB01-M:L3,,,,no,21.0280,105.8539
C-0201,CB02,Lake path,Lake path,lakeside,park-path,led-40:30,CB02-D:1,CB02-R:1,CB02-M:total,P4,P6,5.5,no,21.0301,105.8518
');
INSERT INTO "file_text" VALUES('918f1bf9fb6ccf65c09a561e241ab2372220733b64e188c95dd1e27eaa74d06f','# profile: a device type; files in profiles/ come before the built-in ones.
id,cabinet,bus,unit_id,profile
CB01-D,CB01,CB01-bus,1,wb-mao4
CB01-R,CB01,CB01-bus,2,wb-mr6c
CB01-M,CB01,CB01-bus,3,sdm630
CB02-D,CB02,CB02-bus,1,wb-mao4
CB02-R,CB02,CB02-bus,2,wb-mr6c
CB02-M,CB02,CB02-bus,3,sdm120
');
INSERT INTO "file_text" VALUES('7835da3a4aaed8bf21c1da467fd6fbc7d2ee8350df9631c96a65ad6cff7cfe93','id,name
centre,Town centre
lakeside,Lakeside
');
INSERT INTO "file_text" VALUES('51e3eeb9f36f9e5bf58b2bf5cc33fd077e144802a881803af666a8c1ee69eadd','# curve: led (power over level by fixed_loss_share and linear_share), table (curve_points, LEVEL_PCT:POWER_W+…), none (cannot be dimmed).
# legacy_w: what the luminaire replaced, for the savings report.
id,name,rated_w,standby_w,curve,curve_points,minimum_level_pct,lumens,start_s,warm_up_s,restrike_s,legacy_w
led-90,LED street light 90 W,90,0.5,led,,10,12600,1,5,0,150
led-40,LED path light 40 W,40,0.4,table,10:6+25:11.5+50:20.5+75:30+100:40,10,4800,1,5,0,70
hps-150,Sodium lamp 150 W with its ballast,169,0,none,,100,16500,5,600,60,
');
INSERT INTO "file_text" VALUES('381c49fddf0ce856e52a70df86733e2766902b54b39b89c304b17f8a2e7a087d','# What a meter sees besides lamps.
meter,name,power_w
CB01-M:L1,Controller and heater,18
');
INSERT INTO "file_text" VALUES('e2b108e1f835c0832eaea80a32f701809efa471c091943c9fcfc969b4b9951e9','# A program lights its circuits from lit_from to lit_until of every lighting night (local noon to local noon).
# A moment is a local time ("22:30") or an event of the sun, with an offset if you like: "sunset", "sunset+00:10",
# "civil_dawn-10m". Events: sunset, sunrise, civil_, nautical_ and astronomical_dusk and _dawn; dusk and dawn are
# the crossings of the site''s dusk_elevation_deg.
# Steps set the level from their moment until the next step; without a step it is 100 %.
schema_version = 1

[programs.full-night]
description = "Full light all night"
lit_from = "dusk"
lit_until = "dawn"

[programs.main-road]
description = "Dimmed while few people are about"
lit_from = "dusk"
lit_until = "dawn"
steps = [
  { at = "dusk", level_pct = 100 },
  { at = "22:00", level_pct = 70 },
  { at = "00:00", level_pct = 50 },
  { at = "05:00", level_pct = 100 },
]

[programs.park-path]
description = "Off after midnight; part_night says that this is meant"
lit_from = "dusk"
lit_until = "dawn"
steps = [
  { at = "dusk", level_pct = 80 },
  { at = "00:30", level_pct = 0, part_night = true },
  { at = "04:30", level_pct = 60 },
]

[programs.festival]
description = "Brighter for longer on festive nights"
lit_from = "dusk"
lit_until = "dawn"
steps = [
  { at = "dusk", level_pct = 100 },
  { at = "02:00", level_pct = 70 },
]
');
INSERT INTO "file_text" VALUES('652e99d675a7bced0c1879bea6265b732f67558a22747e689d424a0cbcefac64','# A site is this folder. After an edit: `lighting check`, then `lighting apply`.
# All times in the folder are local times of the site''s zone.
schema_version = 1

[site]
id = "example"
name = "Example town"
timezone = "Asia/Ho_Chi_Minh"
latitude_deg = 21.0285
longitude_deg = 105.8542

# Where readings and instructions are kept. Without a url: SQLite in this folder''s state/.
[store]
# url = "postgresql://lighting@localhost/lighting"

[control]
tick_s = 10.0                # how often the level of every circuit is decided
poll_s = 60.0                # how often every device is read
dusk_elevation_deg = -0.833  # it is dark while the sun is lower; from -6 to -0.833
floor_level_pct = 30.0       # never darker while it is dark, where no lighting class says better
night_safe_level_pct = 100.0 # what dimmers are left at when their contactor is open
dead_band_pct = 1.0          # differences under this are not written
contactor_stagger_s = 1.0    # between two contactors of one cabinet
override_default_s = 7200.0  # how long an override lasts when nobody says

# Roles: viewer reads; crew sets and locks; operator does all.
# below_floor: may ask for less than the floor while it is dark.
[[users]]
id = "operator"
name = "Operator"
role = "operator"
below_floor = true

[[users]]
id = "crew"
name = "Crew on the road"
role = "crew"

[[users]]
id = "thu"
name = "thu"
role = "operator"
below_floor = true
');
CREATE TABLE installation (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	asset_key INTEGER NOT NULL, 
	serial_number TEXT NOT NULL, 
	from_utc BIGINT NOT NULL, 
	until_utc BIGINT, 
	CONSTRAINT fk_installation_asset_key FOREIGN KEY(asset_key) REFERENCES asset ("key")
);
CREATE TABLE instruction (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	layer SMALLINT NOT NULL, 
	scope_kind VARCHAR(16) NOT NULL, 
	scope_id TEXT NOT NULL, 
	level_pct DOUBLE, 
	from_ms BIGINT NOT NULL, 
	until_ms BIGINT, 
	"by" TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	below_floor BOOLEAN NOT NULL
);
INSERT INTO "instruction" VALUES(1,5,'circuit','C-0101',100.0,1795594864707,1795602064707,'thu','road works',0);
INSERT INTO "instruction" VALUES(2,1,'circuit','C-0103',NULL,1795594865602,NULL,'thu','lamp change',0);
CREATE TABLE instruction_state (
	instruction_id INTEGER NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	state_ms BIGINT NOT NULL, 
	released_ms BIGINT, 
	latency_ms BIGINT, 
	fact_code TEXT, 
	fact_values TEXT, 
	CONSTRAINT pk_instruction_state PRIMARY KEY (instruction_id), 
	CONSTRAINT fk_instruction_state_instruction_id FOREIGN KEY(instruction_id) REFERENCES instruction (id)
);
INSERT INTO "instruction_state" VALUES(1,'confirmed',1795594864808,NULL,101,NULL,NULL);
INSERT INTO "instruction_state" VALUES(2,'confirmed',1795594865794,NULL,192,NULL,NULL);
CREATE TABLE instruction_transition (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	instruction_id INTEGER NOT NULL, 
	at_ms BIGINT NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	latency_ms BIGINT, 
	fact_code TEXT, 
	fact_values TEXT, 
	CONSTRAINT fk_instruction_transition_instruction_id FOREIGN KEY(instruction_id) REFERENCES instruction (id)
);
INSERT INTO "instruction_transition" VALUES(1,1,1795594864707,'recorded',NULL,NULL,NULL);
INSERT INTO "instruction_transition" VALUES(2,1,1795594864784,'sent',NULL,NULL,NULL);
INSERT INTO "instruction_transition" VALUES(3,1,1795594864808,'confirmed',101,NULL,NULL);
INSERT INTO "instruction_transition" VALUES(4,2,1795594865602,'recorded',NULL,NULL,NULL);
INSERT INTO "instruction_transition" VALUES(5,2,1795594865794,'confirmed',192,NULL,NULL);
CREATE TABLE reading_archive (
	series_key BIGINT NOT NULL, 
	at_ms BIGINT NOT NULL, 
	level_pct DOUBLE, 
	power_w DOUBLE, 
	energy_ws BIGINT, 
	voltage_v DOUBLE, 
	current_a DOUBLE, 
	power_factor DOUBLE, 
	quality SMALLINT NOT NULL, 
	CONSTRAINT pk_reading_archive PRIMARY KEY (series_key, at_ms)
)
 WITHOUT ROWID

;
CREATE TABLE reading_latest (
	series_key INTEGER NOT NULL, 
	at_ms BIGINT NOT NULL, 
	CONSTRAINT pk_reading_latest PRIMARY KEY (series_key)
);
INSERT INTO "reading_latest" VALUES(11,1795594867830);
INSERT INTO "reading_latest" VALUES(12,1795594867830);
INSERT INTO "reading_latest" VALUES(13,1795594867830);
INSERT INTO "reading_latest" VALUES(14,1795594860876);
INSERT INTO "reading_latest" VALUES(15,1795594867830);
INSERT INTO "reading_latest" VALUES(16,1795594867830);
INSERT INTO "reading_latest" VALUES(17,1795594867830);
INSERT INTO "reading_latest" VALUES(18,1795594860876);
CREATE TABLE reading_live (
	at_ms BIGINT NOT NULL, 
	series_key BIGINT NOT NULL, 
	level_pct DOUBLE, 
	power_w DOUBLE, 
	energy_ws BIGINT, 
	voltage_v DOUBLE, 
	current_a DOUBLE, 
	power_factor DOUBLE, 
	quality SMALLINT NOT NULL, 
	CONSTRAINT pk_reading_live PRIMARY KEY (at_ms, series_key)
)
 WITHOUT ROWID

;
INSERT INTO "reading_live" VALUES(1795594801883,11,0.0,0.0,NULL,NULL,NULL,NULL,0);
INSERT INTO "reading_live" VALUES(1795594801883,12,0.0,0.0,NULL,NULL,NULL,NULL,0);
INSERT INTO "reading_live" VALUES(1795594801883,13,0.0,0.0,NULL,NULL,NULL,NULL,0);
INSERT INTO "reading_live" VALUES(1795594801883,15,NULL,1.79814300537109375e+01,9618000293,2.26408462524414062495e+02,0.079420305788517,1.0,0);
INSERT INTO "reading_live" VALUES(1795594801883,16,NULL,0.0,9618000293,2.29658432006835937504e+02,0.0,1.0,0);
INSERT INTO "reading_live" VALUES(1795594801883,17,NULL,0.0,9618000293,2.30270248413085937494e+02,0.0,1.0,0);
INSERT INTO "reading_live" VALUES(1795594801905,14,0.0,0.0,NULL,NULL,NULL,NULL,0);
INSERT INTO "reading_live" VALUES(1795594801905,18,NULL,0.0,44532000000,2.33075256347656250004e+02,0.0,1.0,0);
INSERT INTO "reading_live" VALUES(1795594805078,14,0.0,0.0,NULL,NULL,NULL,NULL,0);
INSERT INTO "reading_live" VALUES(1795594805078,18,NULL,0.0,44532000000,2.33070007324218750007e+02,0.0,1.0,0);
INSERT INTO "reading_live" VALUES(1795594805106,11,0.0,0.0,NULL,NULL,NULL,NULL,0);
INSERT INTO "reading_live" VALUES(1795594805106,12,0.0,0.0,NULL,NULL,NULL,NULL,0);
INSERT INTO "reading_live" VALUES(1795594805106,13,0.0,0.0,NULL,NULL,NULL,NULL,0);
INSERT INTO "reading_live" VALUES(1795594805106,15,NULL,1.797811126708984375e+01,9618000293,2.26406890869140624993e+02,7.94062092900276184082e-02,1.0,0);
INSERT INTO "reading_live" VALUES(1795594805106,16,NULL,0.0,9618000293,2.29657791137695312501e+02,0.0,1.0,0);
INSERT INTO "reading_live" VALUES(1795594805106,17,NULL,0.0,9618000293,2.30267120361328124999e+02,0.0,1.0,0);
INSERT INTO "reading_live" VALUES(1795594857748,11,0.0,0.0,NULL,NULL,NULL,NULL,0);
INSERT INTO "reading_live" VALUES(1795594857748,12,0.0,0.0,NULL,NULL,NULL,NULL,0);
INSERT INTO "reading_live" VALUES(1795594857748,13,0.0,0.0,NULL,NULL,NULL,NULL,0);
INSERT INTO "reading_live" VALUES(1795594857748,15,NULL,1.79497795104980468745e+01,9618000293,2.26409133911132812492e+02,7.92802795767784118652e-02,1.0,0);
INSERT INTO "reading_live" VALUES(1795594857748,16,NULL,0.0,9618000293,229.65869140625,0.0,1.0,0);
INSERT INTO "reading_live" VALUES(1795594857748,17,NULL,0.0,9618000293,2.302715301513671875e+02,0.0,1.0,0);
INSERT INTO "reading_live" VALUES(1795594857769,14,0.0,0.0,NULL,NULL,NULL,NULL,0);
INSERT INTO "reading_live" VALUES(1795594857769,18,NULL,0.0,44532000000,2.3307745361328125e+02,0.0,1.0,0);
INSERT INTO "reading_live" VALUES(1795594860876,14,0.0,0.0,NULL,NULL,NULL,NULL,0);
INSERT INTO "reading_live" VALUES(1795594860876,18,NULL,0.0,44532000000,2.33072326660156250001e+02,0.0,1.0,0);
INSERT INTO "reading_live" VALUES(1795594860901,11,0.0,2.8934478759765625e-03,NULL,NULL,NULL,NULL,0);
INSERT INTO "reading_live" VALUES(1795594860901,12,0.0,0.0,NULL,NULL,NULL,NULL,0);
INSERT INTO "reading_live" VALUES(1795594860901,13,0.0,0.0,NULL,NULL,NULL,NULL,0);
INSERT INTO "reading_live" VALUES(1795594860901,15,NULL,1.80028934478759765625e+01,9618000293,2.2640756225585937499e+02,7.95154199004173278808e-02,1.0,0);
INSERT INTO "reading_live" VALUES(1795594860901,16,NULL,0.0,9618000293,2.2965806579589843749e+02,0.0,1.0,0);
INSERT INTO "reading_live" VALUES(1795594860901,17,NULL,0.0,9618000293,2.302684783935546875e+02,0.0,1.0,0);
INSERT INTO "reading_live" VALUES(1795594867830,11,100.0,1.51126440429687499992e+03,NULL,NULL,NULL,NULL,0);
INSERT INTO "reading_live" VALUES(1795594867830,12,0.0,0.0,NULL,NULL,NULL,NULL,0);
INSERT INTO "reading_live" VALUES(1795594867830,13,0.0,0.0,NULL,NULL,NULL,NULL,0);
INSERT INTO "reading_live" VALUES(1795594867830,15,NULL,1.52926440429687499999e+03,9618002930,2.26404251098632812509e+02,6.95947933197021484375e+00,9.70556497573852539062e-01,0);
INSERT INTO "reading_live" VALUES(1795594867830,16,NULL,0.0,9618000293,2.29656753540039062491e+02,0.0,1.0,0);
INSERT INTO "reading_live" VALUES(1795594867830,17,NULL,0.0,9618000293,230.26171875,0.0,1.0,0);
CREATE TABLE revision (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	at_ms BIGINT NOT NULL, 
	"by" TEXT NOT NULL, 
	note TEXT NOT NULL, 
	content_hash VARCHAR(64) NOT NULL
);
INSERT INTO "revision" VALUES(1,1795594801744,'lighting run','','9dcf7fbca99672240d98bf58e81b839b9eba41187b1ab15b1b131ed921ccc025');
CREATE TABLE revision_file (
	revision_id INTEGER NOT NULL, 
	path TEXT NOT NULL, 
	text_hash VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_revision_file PRIMARY KEY (revision_id, path), 
	CONSTRAINT fk_revision_file_revision_id FOREIGN KEY(revision_id) REFERENCES revision (id), 
	CONSTRAINT fk_revision_file_text_hash FOREIGN KEY(text_hash) REFERENCES file_text (text_hash)
);
INSERT INTO "revision_file" VALUES(1,'buses.csv','2c6bb6ad5e6e0a43ddeb4d4b1a88342aa085e5c1d1a1166d9096680a8dfab69c');
INSERT INTO "revision_file" VALUES(1,'cabinets.csv','8dddae22f307c39865b50c288725fcc012053756b1dfaf1f8acc21c91b9dc697');
INSERT INTO "revision_file" VALUES(1,'calendar.toml','788f73efd914753de6cc05f80e0ff567f55f83c9fe8adb5b668f08b3b399ae1b');
INSERT INTO "revision_file" VALUES(1,'circuits.csv','57bf6e2e4835e1751a7617619fa947fce3109fc923d8e45e55cfbb39e3bab849');
INSERT INTO "revision_file" VALUES(1,'devices.csv','918f1bf9fb6ccf65c09a561e241ab2372220733b64e188c95dd1e27eaa74d06f');
INSERT INTO "revision_file" VALUES(1,'districts.csv','7835da3a4aaed8bf21c1da467fd6fbc7d2ee8350df9631c96a65ad6cff7cfe93');
INSERT INTO "revision_file" VALUES(1,'luminaire_types.csv','51e3eeb9f36f9e5bf58b2bf5cc33fd077e144802a881803af666a8c1ee69eadd');
INSERT INTO "revision_file" VALUES(1,'permanent_loads.csv','381c49fddf0ce856e52a70df86733e2766902b54b39b89c304b17f8a2e7a087d');
INSERT INTO "revision_file" VALUES(1,'programs.toml','e2b108e1f835c0832eaea80a32f701809efa471c091943c9fcfc969b4b9951e9');
INSERT INTO "revision_file" VALUES(1,'site.toml','652e99d675a7bced0c1879bea6265b732f67558a22747e689d424a0cbcefac64');
CREATE INDEX ix_instruction_scope_kind_scope_id ON instruction (scope_kind, scope_id);
CREATE INDEX ix_decision_circuit_key_at_ms ON decision (circuit_key, at_ms);
CREATE INDEX ix_device_write_at_ms ON device_write (at_ms);
CREATE INDEX ix_device_write_device_key_at_ms ON device_write (device_key, at_ms);
CREATE INDEX ix_asset_rename_asset_key ON asset_rename (asset_key);
CREATE INDEX ix_installation_asset_key ON installation (asset_key);
CREATE INDEX ix_instruction_transition_instruction_id ON instruction_transition (instruction_id);
CREATE UNIQUE INDEX uq_alarm_state_standing ON alarm_state (kind, subject_kind, subject_id) WHERE returned_ms IS NULL;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('revision',1);
INSERT INTO "sqlite_sequence" VALUES('audit',3);
INSERT INTO "sqlite_sequence" VALUES('asset',18);
INSERT INTO "sqlite_sequence" VALUES('decision',10);
INSERT INTO "sqlite_sequence" VALUES('device_write',7);
INSERT INTO "sqlite_sequence" VALUES('instruction',2);
INSERT INTO "sqlite_sequence" VALUES('instruction_transition',5);
COMMIT;
