"""The vendor's kinds of exercise in the words that an Observation has for them.

Belongs here: the table. Not here: what else an exercise says (`exercises.py`). A kind without a word
is another workout.
"""

from __future__ import annotations

from collections.abc import Mapping

OTHER = "other-workout"
_KINDS: Mapping[str, str] = {
    "walking": "WALKING POWER_WALKING STROLLER_WALK WALK_WITH_WEIGHTS INCLINE_WALK RUCKING",
    "running": "RUNNING INCLINE_RUN",
    "trail-running": "TRAIL_RUN",
    "treadmill-walking": "TREADMILL_WALK",
    "treadmill-running": "TREADMILL",
    "hiking": "HIKING BACKPACKING",
    "nordic-walking": "NORDIC_WALKING",
    "cycling": "BIKING OUTDOOR_BIKE ELECTRIC_BIKE HAND_CYCLING",
    "mountain-biking": "MOUNTAIN_BIKE",
    "indoor-cycling": "STATIONARY_BIKE SPINNING ASSAULT_BIKE",
    "swimming": "SWIMMING SWIMMING_OPEN_WATER SWIMMING_POOL SYNCHRONIZED_SWIMMING",
    "rowing": "ROWING ROWING_MACHINE",
    "elliptical-training": "ELLIPTICAL",
    "strength-training": (
        "STRENGTH_TRAINING FUNCTIONAL_STRENGTH_TRAINING WEIGHTLIFTING WEIGHT_MACHINES WEIGHTS"
        " FREE_WEIGHTS POWERLIFTING RESISTANCE_BANDS BODY_WEIGHT CALISTHENICS CORE_TRAINING TRX"
    ),
    "circuit-training": "CIRCUIT_TRAINING",
    "high-intensity-interval-training": "HIIT INTERVAL_WORKOUT TABATA_WORKOUT",
    "fitness": (
        "WORKOUT CARDIO_WORKOUT CARDIO_SCULPT EXERCISE_CLASS OUTDOOR_WORKOUT CROSSFIT CROSS_TRAINING"
        " BOOTCAMP BARRE_CLASS FITNESS_GAMING JUMPING_ROPE STAIRCLIMBER"
    ),
    "aerobics": "AEROBIC_WORKOUT STEP_TRAINING WATER_AEROBICS",
    "dancing": (
        "DANCING BALLET BALLROOM_DANCE BREAKDANCING HIP_HOP JAZZ_DANCE MODERN_DANCE TANGO ZUMBA"
    ),
    "yoga": "YOGA YOGA_BIKRAM YOGA_HATHA YOGA_POWER YOGA_VINYASA",
    "pilates": "PILATES",
    "stretching": "STRETCHING",
    "meditation": "MEDITATE",
    "climbing": "CLIMBING INDOOR_CLIMBING ROCK_CLIMBING",
    "boxing": "BOXING",
    "martial-arts": "MARTIAL_ARTS JIU_JITSU KARATE KICKBOXING MUAY_THAI TAEKWONDO TAI_CHI",
    "wrestling": "WRESTLING",
    "fencing": "FENCING",
    "tennis": "TENNIS",
    "table-tennis": "TABLE_TENNIS",
    "squash": "SQUASH",
    "badminton": "BADMINTON",
    "pickleball": "PICKELBALL",
    "basketball": "BASKETBALL",
    "football": "SOCCER",
    "american-football": "FOOTBALL_AMERICAN",
    "rugby": "RUGBY",
    "volleyball": "VOLLEYBALL VOLLEYBALL_BEACH",
    "handball": "HANDBALL",
    "baseball": "BASEBALL",
    "hockey": "FIELD_HOCKEY HOCKEY",
    "ice-skating": "ICE_SKATING SPEED_SKATING",
    "skating": "SKATING ROLLERBLADING ROLLER_SKATING",
    "skiing": "SKIING CROSS_COUNTRY_SKI",
    "snowboarding": "SNOWBOARDING",
    "surfing": "SURFING",
    "kite-surfing": "KITESURFING",
    "wind-surfing": "WINDSURFING",
    "water-polo": "WATER_POLO",
    "horse-riding": "EQUESTRIAN_SPORTS",
    "golf": "GOLF",
    "multisport": "MULTISPORT",
}
WORDS = {kind: word for word, kinds in _KINDS.items() for kind in kinds.split()}
