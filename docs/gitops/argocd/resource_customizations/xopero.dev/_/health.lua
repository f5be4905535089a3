-- Every kind of xopero.dev keeps the conditions of kstatus: Stalled, Reconciling and Paused are there only while they are true.
local conditions = {}
if obj.status ~= nil then
  for _, condition in ipairs(obj.status.conditions or {}) do
    -- What was said of an older spec says nothing of this one.
    if condition.observedGeneration == obj.metadata.generation then
      conditions[condition.type] = condition
    end
  end
end

local speaking = conditions.Paused or conditions.Stalled or conditions.Reconciling or conditions.Ready
local health = {status = "Progressing"}
if speaking == nil then
  health.message = "The operator has not looked at it yet"
  return health
end
health.message = speaking.reason .. ": " .. speaking.message

-- Argo CD itself says Progressing here and asks no script; whoever runs the script alone is told what the deletion waits for.
if obj.metadata.deletionTimestamp ~= nil then
  return health
end
if speaking.type == "Paused" then
  health.status = "Suspended"
elseif speaking.type == "Stalled" then
  health.status = "Degraded"
elseif speaking.type == "Ready" and speaking.status == "True" then
  health.status = "Healthy"
end
return health
