"""Withings' workout categories in our words.

Belongs here: the table. Not here: workouts (`workouts.py`).
Source: the vendor's API reference, "Get workouts".
"""

from __future__ import annotations

from ohx_pipelines.metrics import WorkoutType

NO_ACTIVITY = 128
CATEGORIES = {
    1: WorkoutType.WALKING,
    2: WorkoutType.RUNNING,
    3: WorkoutType.HIKING,
    4: WorkoutType.SKATING,
    5: WorkoutType.CYCLING,  # BMX
    6: WorkoutType.CYCLING,
    7: WorkoutType.SWIMMING,
    8: WorkoutType.SURFING,
    9: WorkoutType.KITE_SURFING,
    10: WorkoutType.WIND_SURFING,
    11: WorkoutType.SURFING,  # bodyboard
    12: WorkoutType.TENNIS,
    13: WorkoutType.TABLE_TENNIS,
    14: WorkoutType.SQUASH,
    15: WorkoutType.BADMINTON,
    16: WorkoutType.STRENGTH_TRAINING,
    17: WorkoutType.FITNESS,
    18: WorkoutType.ELLIPTICAL_TRAINING,
    19: WorkoutType.PILATES,
    20: WorkoutType.BASKETBALL,
    21: WorkoutType.FOOTBALL,  # soccer
    22: WorkoutType.AMERICAN_FOOTBALL,
    23: WorkoutType.RUGBY,
    24: WorkoutType.VOLLEYBALL,
    25: WorkoutType.WATER_POLO,
    26: WorkoutType.HORSE_RIDING,
    27: WorkoutType.GOLF,
    28: WorkoutType.YOGA,
    29: WorkoutType.DANCING,
    30: WorkoutType.BOXING,
    31: WorkoutType.FENCING,
    32: WorkoutType.WRESTLING,
    33: WorkoutType.MARTIAL_ARTS,
    34: WorkoutType.SKIING,
    35: WorkoutType.SNOWBOARDING,
    36: WorkoutType.OTHER,
    187: WorkoutType.ROWING,
    188: WorkoutType.DANCING,  # zumba
    191: WorkoutType.BASEBALL,
    192: WorkoutType.HANDBALL,
    193: WorkoutType.HOCKEY,
    194: WorkoutType.ICE_HOCKEY,
    195: WorkoutType.CLIMBING,
    196: WorkoutType.ICE_SKATING,
    272: WorkoutType.MULTISPORT,
    306: WorkoutType.TREADMILL_WALKING,  # indoor walk
    307: WorkoutType.TREADMILL_RUNNING,  # indoor running
    308: WorkoutType.INDOOR_CYCLING,
    498: WorkoutType.TRAIL_RUNNING,
    510: WorkoutType.PICKLEBALL,
    523: WorkoutType.MOUNTAIN_BIKING,
    550: WorkoutType.HIGH_INTENSITY_INTERVAL_TRAINING,
    551: WorkoutType.MEDITATION,
    552: WorkoutType.STRETCHING,
    560: WorkoutType.BREATHING_EXERCISES,
    566: WorkoutType.NORDIC_WALKING,
}
