"""From counts of vehicles to lighting classes: the two bases, and one state machine that serves both.

**Windows.** Counts are added up in windows of 10 minutes from one border of the UTC clock to the next; a count belongs
to the window in which it begins, and the flow is that of the time that was counted. (A city may count in other windows
when it compares; live it is 10 minutes.) A count that is longer than the window is refused.

**UNI 11248:2016** (traffic-adaptive installation), basis ``uni_11248``: the worst lane is compared with the service
flow of one lane; one class down under 50 %, two under 25 %. Up at once, also within a window as soon as its vehicles
alone exceed what the window may have; then held for 10 minutes. Down after two low samples in a row, one class at a
time, and two more for the next. When the count fails, the design class.

**CEN/TR 13201-1:2014**, basis ``cen_13201``: the sum of the lanes is compared with the capacity of the carriageway. Its
weight of traffic volume is +1 over 65 % of the capacity (multilane; 45 % on two-lane roads), 0 between, −1 under 35 %
(15 %), and the class is 6 less the sum of the weights. We read it so: the design class was found with the weight +1, so
a moderate flow allows one class less and a low one two. The report gives no times; those of UNI 11248 are used.

On both bases never more than ``most_steps_down`` of the section.

**What is not believed** means UNKNOWN, which is the design class: a gap between two counts, no complete window for 20
minutes, a count that failed in one lane, counts of another number of lanes, and a lane on which nothing passed for 24
hours (a dead counter looks like an empty road).
"""

from __future__ import annotations

from lighting.schedule.traffic_counts import TrafficCount as TrafficCount
from lighting.schedule.traffic_counts import TrafficCounts as TrafficCounts
from lighting.schedule.traffic_counts import counts_of as counts_of
from lighting.schedule.traffic_machine import STALE_MS as STALE_MS
from lighting.schedule.traffic_machine import WINDOW_MS as WINDOW_MS
from lighting.schedule.traffic_machine import Change as Change
from lighting.schedule.traffic_machine import TrafficState as TrafficState
from lighting.schedule.traffic_machine import advance as advance
from lighting.schedule.traffic_machine import overtaken as overtaken
from lighting.schedule.traffic_machine import stale_after as stale_after
from lighting.schedule.traffic_machine import steps_allowed as steps_allowed
from lighting.schedule.traffic_series import class_series as class_series
from lighting.schedule.traffic_ties import tie as tie
