-- One fix a request for wrk with one thread, each of another moment and place; what came of it goes out as JSON.
-- wrk -t1 … -s tracks_posts.lua URL -- PATHS START: a file with the path of each device, and when the first is tracked.
function init(args)
    paths, count = {}, 0
    for line in io.lines(args[1]) do
        count = count + 1
        paths[count] = line
    end
    start, device, lap = tonumber(args[2]), 0, 0
end

function request()
    device = device + 1
    if device > count then
        device, lap = 1, lap + 1
    end
    local moment = start + lap
    local body = string.format(
        '{"_type":"location","acc":15,"alt":440,"batt":46,"conn":"w","lat":%.7f,"lon":%.7f,"t":"u","tid":"5t",'
            .. '"tst":%d,"vac":2,"vel":36,"topic":"owntracks/jane/phone","created_at":%d}',
        41.1 + (lap % 10000) * 0.00001, -8.6 + device * 0.0001, moment, moment + 3)
    return "POST " .. paths[device] .. " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
        .. #body .. "\r\n\r\n" .. body
end

function done(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format(
        '\n{"answered":%d,"took_s":%f,"error_count":%d,"p50_ms":%f,"p99_ms":%f,"most_ms":%f}\n',
        summary.requests, summary.duration / 1e6,
        errors.status + errors.connect + errors.read + errors.write + errors.timeout,
        latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3))
end
