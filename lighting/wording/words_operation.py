"""What the controller says."""

from __future__ import annotations

from lighting.wording.mark import N_

WORDS: dict[str, str] = {
    "clock_stepped": N_(
        "the clock was stepped by {step_s} and says {clock_ms}: it is not believed, and the lamps burn fully"
    ),
    "clock_earlier_than_stored": N_(
        "the clock says {clock_ms}, earlier than the newest stored time {stored_ms}: it is not believed, and "
        "the lamps burn fully"
    ),
    "clock_never_synchronised": N_(
        "the clock has not been synchronised in the {boot_age_s} since the machine started: it is not believed yet"
    ),
    "bus_silent": N_("bus {bus} does not answer: none of its {devices} devices can be reached"),
    "device_silent": N_("device {device} on bus {bus} does not answer ({fault})"),
    "local_control_by_switch": N_("the switch in cabinet {cabinet} is not at AUTO"),
    "local_control_unexplained": N_(
        "the contactor of circuit {circuit} was moved at {since_ms} with no command of ours; nothing is "
        "written until it is released"
    ),
    "reading_out_of_range": N_(
        "device {device} reports a value outside its valid range at {point}; it is kept, not used"
    ),
    "road_dark": N_("circuit {circuit} should be lit, and nothing has confirmed light since {since_ms}"),
    "write_not_confirmed": N_("circuit {circuit} does not take {asked_pct} ({failure}); it is tried again"),
    "lockout_overdue": N_("the lockout of {scope} by {by} was to end at {until_ms} and still stands"),
    "readings_waiting": N_("{count} readings wait for the store, {on_disk} of them on disk"),
    "readings_lost": N_("{count} readings were lost: the store is gone, and {limit_mb} MB of them wait already"),
    "readings_lost_disk": N_("{count} readings were lost: the store is gone, and the disk takes none ({detail})"),
    "rollups_timezone": N_("hours are cut by {timezone} and no more by {before}: they are made again"),
    "housekeeping_failed": N_("the housekeeping job {job} failed ({detail})"),
    "instruction_held_back": N_("instruction {id} is in force, but something stronger or newer rules its circuits"),
    "instruction_not_confirmed": N_(
        "instruction {id} is not confirmed on {circuits} circuits, the first {circuit} ({failure}); it stays "
        "in force and is tried again"
    ),
    "accelerated_clock_off_loopback": N_(
        "an accelerated clock is for simulated devices on this machine only; bus {bus} is at {url}"
    ),
    "folder_unreadable_revision_runs": N_("the site folder cannot be read; the accepted revision {revision} runs"),
    "folder_broken_revision_runs": N_(
        "the site folder has {problems} problems (lighting check lists them); the accepted revision {revision} runs"
    ),
    "folder_differs_revision_runs": N_(
        "the site folder was edited since revision {revision}, which runs until lighting apply accepts the new text"
    ),
    "revision_not_accepted": N_(
        "this program does not accept the text of revision {revision}; the one before it runs on"
    ),
    "tick_failed": N_("a tick of the controller failed ({detail}); the next one tries again, the log has the trace"),
    "store_flush_failed": N_("what happened could not be stored ({detail}); it is kept and tried again"),
    "log_file_unusable": N_("the log cannot be written: {detail}"),
    "site_folder_unreadable": N_("the site folder cannot be read: {detail}"),
}
