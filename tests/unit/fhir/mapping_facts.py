"""What each metric must become, read from LOINC, UCUM and the R5 vital-sign profiles.

Belongs here: expectations, typed by hand. Not here: tests. Columns: metric; codings; UCUM unit (or
the shape of what has none); profile; category; effective time.
"""

FACTS = [
    tuple(cell.strip() for cell in line.split("|"))
    for line in """
body_weight                    | loinc 29463-7                 | kg          | bodyweight | vital-signs | point
body_height                    | loinc 8302-2                  | cm          | bodyheight | vital-signs | point
body_mass_index                | loinc 39156-5                 | kg/m2       | bmi        | vital-signs | point
waist_circumference            | loinc 8280-0                  | cm          |            | exam        | point
systolic_blood_pressure        | loinc 8480-6                  | mm[Hg]      |            | vital-signs | point
diastolic_blood_pressure       | loinc 8462-4                  | mm[Hg]      |            | vital-signs | point
mean_blood_pressure            | loinc 8478-0                  | mm[Hg]      |            | vital-signs | point
irregular_heartbeat            | local irregular-heartbeat     | boolean     |            | exam        | point
movement_during_measurement    | local movement-during-measurement | boolean |            | exam        | point
possible_atrial_fibrillation   | local possible-atrial-fibrillation | boolean |           | exam        | point
heart_rate                     | loinc 8867-4                  | /min        | heartrate  | vital-signs | point
heart_rate_series              | loinc 8867-4                  | /min        | heartrate  | vital-signs | session
resting_heart_rate             | loinc 40443-4, loinc 8867-4   | /min        | heartrate  | vital-signs | day
mean_heart_rate                | loinc 103205-1                | /min        |            | vital-signs | session
maximum_heart_rate             | loinc 101692-2                | /min        |            | vital-signs | session
minimum_heart_rate             | loinc 103222-6                | /min        |            | vital-signs | session
mean_heart_rate_per_day        | loinc 41924-2                 | /min        |            | vital-signs | day
maximum_heart_rate_per_day     | loinc 8873-2                  | /min        |            | vital-signs | day
minimum_heart_rate_per_day     | loinc 8883-1                  | /min        |            | vital-signs | day
heart_rate_variability_rmssd   | local heart-rate-variability-rmssd | ms     |            | vital-signs | session
deep_sleep_heart_rate_variability_rmssd | local deep-sleep-heart-rate-variability-rmssd | ms | | vital-signs | session
heart_rate_variability_rmssd_series | local heart-rate-variability-rmssd | ms |           | vital-signs | session
heart_rate_variability_sdnn    | loinc 112429-6                | ms          |            | vital-signs | session
heart_rate_variability_sdnn_series | loinc 112429-6            | ms          |            | vital-signs | session
oxygen_saturation              | loinc 2708-6, loinc 59408-5   | %           | oxygensat  | vital-signs | point
oxygen_saturation_series       | loinc 2708-6, loinc 59408-5   | %           | oxygensat  | vital-signs | session
mean_oxygen_saturation         | loinc 2708-6, loinc 59408-5   | %           | oxygensat  | vital-signs | session
minimum_oxygen_saturation      | local minimum-oxygen-saturation | %         |            | vital-signs | session
maximum_oxygen_saturation      | local maximum-oxygen-saturation | %         |            | vital-signs | session
respiratory_rate               | loinc 9279-1                  | /min        | resprate   | vital-signs | point
respiratory_rate_series        | loinc 9279-1                  | /min        | resprate   | vital-signs | session
mean_respiratory_rate          | loinc 9279-1                  | /min        | resprate   | vital-signs | session
apnea_hypopnea_index           | loinc 69990-0                 | {events}/h  |            | exam        | session
breathing_disturbances         | local breathing-disturbances  | {score}     |            | exam        | session
body_temperature               | loinc 8310-5                  | Cel         | bodytemp   | vital-signs | point
core_body_temperature          | loinc 8310-5, loinc 8329-5    | Cel         | bodytemp   | vital-signs | point
core_body_temperature_series   | loinc 8310-5, loinc 8329-5    | Cel         | bodytemp   | vital-signs | session
oral_temperature               | loinc 8310-5, loinc 8331-1    | Cel         | bodytemp   | vital-signs | point
temporal_artery_temperature    | loinc 8310-5, loinc 75539-7   | Cel         | bodytemp   | vital-signs | point
skin_temperature               | loinc 61008-9                 | Cel         |            | vital-signs | point
mean_skin_temperature          | loinc 61008-9                 | Cel         |            | vital-signs | session
skin_temperature_baseline      | local skin-temperature-baseline | Cel       |            | vital-signs | session
skin_temperature_deviation     | local skin-temperature-deviation | K        |            | vital-signs | session
fat_ratio                      | loinc 41982-0                 | %           |            | exam        | point
fat_mass                       | loinc 73708-0                 | kg          |            | exam        | point
fat_free_mass                  | loinc 91557-9                 | kg          |            | exam        | point
muscle_mass                    | loinc 73964-9                 | kg          |            | exam        | point
muscle_ratio                   | loinc 73965-6                 | %           |            | exam        | point
bone_mass                      | loinc 101685-6                | kg          |            | exam        | point
bone_ratio                     | loinc 101686-4                | %           |            | exam        | point
water_mass                     | loinc 101683-1                | kg          |            | exam        | point
water_ratio                    | loinc 101684-9                | %           |            | exam        | point
extracellular_water            | local extracellular-water     | kg          |            | exam        | point
intracellular_water            | local intracellular-water     | kg          |            | exam        | point
visceral_fat_level             | local visceral-fat-level      | {score}     |            | exam        | point
basal_metabolic_rate           | local basal-metabolic-rate    | kcal/d      |            | exam        | point
metabolic_age                  | local metabolic-age           | a           |            | exam        | point
pulse_wave_velocity            | loinc 77196-4                 | m/s         |            | exam        | point
vascular_age                   | local vascular-age            | a           |            | exam        | point
nerve_health_score             | local nerve-health-score      | {score}     |            | exam        | point
left_foot_nerve_health_score   | local left-foot-nerve-health-score | {score} |           | exam        | point
right_foot_nerve_health_score  | local right-foot-nerve-health-score | {score} |          | exam        | point
electrodermal_activity         | local electrodermal-activity  | uS          |            | exam        | point
left_foot_electrodermal_activity | local left-foot-electrodermal-activity | uS |          | exam        | point
right_foot_electrodermal_activity | local right-foot-electrodermal-activity | uS |        | exam        | point
electrochemical_skin_conductance | local electrochemical-skin-conductance | uS |          | exam        | point
ecg_waveform                   | mdc 131329, loinc 11524-6     | mV          |            | procedure   | session
ecg_heart_rate                 | loinc 8867-4, mdc 147842      | /min        | heartrate  | vital-signs | point
pr_interval                    | loinc 8625-6                  | ms          |            | procedure   | point
qrs_duration                   | loinc 8633-0                  | ms          |            | procedure   | point
qt_interval                    | loinc 8634-8                  | ms          |            | procedure   | point
corrected_qt_interval          | loinc 8636-3                  | ms          |            | procedure   | point
atrial_fibrillation_classification | local atrial-fibrillation-classification | coded | | procedure   | point
pulse_rhythm_classification    | local pulse-rhythm-classification | coded   |            | exam        | point
irregular_rhythm_notification  | local irregular-rhythm-notification | coded |            | exam        | session
blood_glucose                  | loinc 41653-7                 | mg/dL       |            | laboratory  | point
blood_glucose_molar            | loinc 15074-8                 | mmol/L      |            | laboratory  | point
steps_per_day                  | loinc 41950-7                 | {steps}/d   |            | activity    | day
steps                          | loinc 55423-8                 | {steps}     |            | activity    | session
steps_series                   | loinc 55423-8                 | {steps}     |            | activity    | session
distance_per_day               | loinc 103208-5                | m           |            | activity    | day
distance                       | loinc 103208-5                | m           |            | activity    | session
floors_climbed_per_day         | loinc 93833-2                 | {flights}   |            | activity    | day
floors_climbed                 | loinc 100304-5                | {flights}   |            | activity    | session
elevation_gain_per_day         | local elevation-gain          | m           |            | activity    | day
energy_expended_per_day        | loinc 41979-6                 | kcal/d      |            | activity    | day
energy_expended                | loinc 41981-2                 | kcal        |            | activity    | session
active_energy_per_day          | local active-energy           | kcal        |            | activity    | day
basal_energy_per_day           | local basal-energy            | kcal        |            | activity    | day
light_activity_duration        | loinc 101688-0                | min         |            | activity    | day
moderate_activity_duration     | loinc 101689-8                | min         |            | activity    | day
vigorous_activity_duration     | loinc 101690-6                | min         |            | activity    | day
physical_activity_duration     | loinc 101691-4                | min         |            | activity    | day
sedentary_duration             | local sedentary-duration      | min         |            | activity    | day
light_heart_rate_zone_duration | loinc 101693-0                | min         |            | activity    | day
moderate_heart_rate_zone_duration | loinc 101694-8             | min         |            | activity    | day
intense_heart_rate_zone_duration | loinc 101695-5              | min         |            | activity    | day
maximum_heart_rate_zone_duration | loinc 103207-7              | min         |            | activity    | day
active_zone_minutes            | local active-zone-minutes     | {score}     |            | activity    | day
vo2_max                        | loinc 94122-9                 | mL/min/kg   |            | activity    | day
vo2_max_sample                 | loinc 94122-9                 | mL/min/kg   |            | activity    | point
fluid_intake_per_day           | loinc 81951-6                 | mL/(24.h)   |            | activity    | day
energy_intake_per_day          | loinc 80494-8                 | kcal/(24.h) |            | activity    | day
workout_type                   | loinc 73985-4                 | coded       |            | activity    | session
workout_duration               | loinc 55411-3                 | min         |            | activity    | session
sleep_duration                 | loinc 93832-4                 | min         |            | activity    | session
deep_sleep_duration            | loinc 93831-6                 | min         |            | activity    | session
light_sleep_duration           | loinc 93830-8                 | min         |            | activity    | session
rem_sleep_duration             | loinc 93829-0                 | min         |            | activity    | session
awake_duration                 | loinc 103210-1                | min         |            | activity    | session
wake_after_sleep_onset         | loinc 103215-0                | min         |            | activity    | session
time_in_bed                    | loinc 103213-5                | min         |            | activity    | session
sleep_latency                  | loinc 103212-7                | min         |            | activity    | session
awakenings                     | loinc 103211-9                | {count}     |            | activity    | session
snoring_duration               | loinc 103220-0                | min         |            | activity    | session
snoring_episodes               | loinc 103221-8                | {count}     |            | activity    | session
sleep_score                    | local sleep-score             | {score}     |            | activity    | session
sleep_efficiency               | local sleep-efficiency        | %           |            | activity    | session
sleep_stage                    | local sleep-stage             | coded       |            | activity    | session
""".strip().splitlines()
]
COMPOSITION_BY_SEGMENT = [
    f"{segment}_{what}"
    for segment in ("left_arm", "right_arm", "left_leg", "right_leg", "trunk")
    for what in ("fat_mass", "fat_free_mass", "muscle_mass")
]
# Code, own value, components that are always there, components that join, members.
PANELS = {
    "blood_pressure": (
        "85354-9",
        None,
        {"systolic_blood_pressure", "diastolic_blood_pressure"},
        {
            "mean_blood_pressure",
            "heart_rate",
            "irregular_heartbeat",
            "movement_during_measurement",
            "possible_atrial_fibrillation",
        },
        None,
    ),
    "ecg": (
        "131329",
        "ecg_waveform",
        set(),
        {"ecg_heart_rate", "pr_interval", "qrs_duration", "qt_interval", "corrected_qt_interval"},
        None,
    ),
    "workout": (
        "73985-4",
        "workout_type",
        set(),
        {
            "workout_duration",
            "energy_expended",
            "distance",
            "steps",
            "floors_climbed",
            "mean_heart_rate",
            "maximum_heart_rate",
            "minimum_heart_rate",
        },
        None,
    ),
    "sleep": (
        "93832-4",
        "sleep_duration",
        set(),
        {
            "deep_sleep_duration",
            "light_sleep_duration",
            "rem_sleep_duration",
            "awake_duration",
            "wake_after_sleep_onset",
            "time_in_bed",
            "sleep_latency",
            "awakenings",
            "snoring_duration",
            "snoring_episodes",
        },
        "sleep_stage",
    ),
}
