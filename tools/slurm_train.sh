#!/usr/bin/env bash
# tools/slurm_train.sh PARTITION JOB_NAME CONFIG WORK_DIR [OPTIONS ...]
# Environment: GPUS, GPUS_PER_NODE, CPUS_PER_TASK, SRUN_ARGS.
# Inside a batch job that slurm may take back, it is requeued and goes on where it was:
#   sbatch --requeue --signal=TERM@120 --ntasks=8 ... tools/slurm_train.sh PARTITION ...
set -euo pipefail
partition=$1
job_name=$2
config=$3
work_dir=$4
shift 4

# slurm counts how often it started a batch job again
resume=()
if [ "${SLURM_RESTART_COUNT:-0}" -gt 0 ]; then
    resume=(--resume)
fi

code=0
# SRUN_ARGS is several words on purpose
# shellcheck disable=SC2086
srun --partition="$partition" --job-name="$job_name" \
    --gres="gpu:${GPUS_PER_NODE:-8}" --ntasks="${GPUS:-8}" \
    --ntasks-per-node="${GPUS_PER_NODE:-8}" --cpus-per-task="${CPUS_PER_TASK:-5}" \
    --kill-on-bad-exit=1 ${SRUN_ARGS:-} \
    python -u "$(dirname "$0")/train.py" "$config" --work-dir "$work_dir" \
    ${resume[@]+"${resume[@]}"} --launcher slurm "$@" || code=$?

# 143: ended by SIGTERM, with a checkpoint; preempted jobs are requeued by slurm itself,
# those whose time ran out are not
if [ "$code" = 143 ] && [ -n "${SLURM_JOB_ID:-}" ]; then
    scontrol requeue "$SLURM_JOB_ID" || true
fi
exit "$code"
