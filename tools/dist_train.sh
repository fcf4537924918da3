#!/usr/bin/env bash
# tools/dist_train.sh CONFIG GPUS [OPTIONS ...]
# Environment: NNODES, NODE_RANK, MASTER_ADDR, PORT for several machines; PYTHON;
# MAX_RESTARTS: how often all processes are started again when one ends, to go on from the
# last checkpoint.
set -euo pipefail
config=$1
gpus=$2
shift 2

address=${MASTER_ADDR:-127.0.0.1}
port=${PORT:-29500}
meeting=(--node_rank="${NODE_RANK:-0}" --master_addr="$address" --master_port="$port")
if [ "${MAX_RESTARTS:-0}" -gt 0 ]; then
    meeting=(--max_restarts="$MAX_RESTARTS" --rdzv_backend=c10d
        --rdzv_endpoint="$address:$port" --rdzv_conf="is_host=$((${NODE_RANK:-0} == 0))")
    # else processes that were started again find the notes of the old ones, and hang
    export TORCH_DISABLE_SHARE_RDZV_TCP_STORE=1
fi

# exec, so that a signal to the script reaches torchrun
exec "${PYTHON:-python}" -m torch.distributed.run \
    --nnodes="${NNODES:-1}" --nproc_per_node="$gpus" "${meeting[@]}" \
    "$(dirname "$0")/train.py" "$config" --launcher pytorch "$@"
