BEGIN TRANSACTION;
CREATE TABLE artifact (sha256 text primary key, content blob not null);
CREATE TABLE event (
        position integer primary key, stream_no integer not null, seq integer not null,
        writer integer not null, crc integer not null, data text not null);
INSERT INTO "event" VALUES(1,1,1,95993769146334,2570207897,'{"v":1,"type":"OperationAccepted","at":1795694596.2665737,"operation_id":"1m8bvt45a3vvg8xbz6","input":"{\"month\":\"2025-11\"}","workflow":{"name":"round","stages":[{"name":"first","agent":"count","writes":{"log":"append"}},{"name":"shaky","agent":"count","after":["first"],"retry":{"attempts":2,"delay":0.01,"jitter":0},"writes":{"log":"append"}},{"name":"saved","agent":"broken","after":["first"],"fallback":["lasting"]},{"name":"spare","agent":"broken","after":["first"],"required":false},{"name":"last","agent":"lasting","after":["shaky","saved","spare"]}]}}');
INSERT INTO "event" VALUES(2,1,2,95993769146334,3202131736,'{"v":1,"type":"AttemptStarted","at":1795694596.2665737,"stage":"first","attempt":1,"agent":"count"}');
INSERT INTO "event" VALUES(3,1,3,95993769146334,1799763650,'{"v":1,"type":"AttemptSucceeded","at":1795694596.2767448,"stage":"first","attempt":1,"value":"1","context":"{\"log\":[\"first\"]}"}');
INSERT INTO "event" VALUES(4,1,4,95993769146334,2653659407,'{"v":1,"type":"AttemptStarted","at":1795694596.2767448,"stage":"shaky","attempt":1,"agent":"count"}');
INSERT INTO "event" VALUES(5,1,5,95993769146334,1849031259,'{"v":1,"type":"AttemptStarted","at":1795694596.2767448,"stage":"saved","attempt":1,"agent":"broken"}');
INSERT INTO "event" VALUES(6,1,6,95993769146334,33863839,'{"v":1,"type":"AttemptStarted","at":1795694596.2767448,"stage":"spare","attempt":1,"agent":"broken"}');
INSERT INTO "event" VALUES(7,1,7,95993769146334,2298899445,'{"v":1,"type":"AttemptFailed","at":1795694596.280181,"stage":"shaky","attempt":1,"then":"retry","retry_at":1795694596.290181,"failure":{"code":"try_again","type":"TryAgain","message":"not yet"}}');
INSERT INTO "event" VALUES(8,1,8,95993769146334,762765329,'{"v":1,"type":"AttemptFailed","at":1795694596.280181,"stage":"saved","attempt":1,"then":"fall_back","retry_at":1795694596.280181,"failure":{"code":"error","type":"ValueError","message":"this never works"}}');
INSERT INTO "event" VALUES(9,1,9,95993769146334,2109445905,'{"v":1,"type":"AttemptFailed","at":1795694596.280181,"stage":"spare","attempt":1,"then":"fail","failure":{"code":"error","type":"ValueError","message":"this never works"}}');
INSERT INTO "event" VALUES(10,1,10,95993769146334,1411491984,'{"v":1,"type":"AttemptStarted","at":1795694596.280181,"stage":"saved","attempt":2,"agent":"lasting"}');
INSERT INTO "event" VALUES(11,1,11,95993769146334,2170021673,'{"v":1,"type":"AttemptSucceeded","at":1795694596.2943962,"stage":"saved","attempt":2,"value":"\"done\""}');
INSERT INTO "event" VALUES(12,1,12,95993769146334,2679211738,'{"v":1,"type":"AttemptStarted","at":1795694596.2943962,"stage":"shaky","attempt":2,"agent":"count"}');
INSERT INTO "event" VALUES(13,1,13,95993769146334,4256537095,'{"v":1,"type":"AttemptSucceeded","at":1795694596.2959728,"stage":"shaky","attempt":2,"value":"2","context":"{\"log\":[\"shaky\"]}"}');
INSERT INTO "event" VALUES(14,1,14,95993769146334,1243177973,'{"v":1,"type":"AttemptStarted","at":1795694596.2959728,"stage":"last","attempt":1,"agent":"lasting"}');
INSERT INTO "event" VALUES(15,1,15,95993769146334,2005384492,'{"v":1,"type":"AttemptSucceeded","at":1795694596.3028119,"stage":"last","attempt":1,"value":"\"done\""}');
INSERT INTO "event" VALUES(16,1,16,95993769146334,1524701893,'{"v":1,"type":"OperationCompleted","at":1795694596.3028119}');
INSERT INTO "event" VALUES(17,2,1,95993769146334,1740973519,'{"v":1,"type":"OperationAccepted","at":1795694596.3043542,"operation_id":"1m8bvt46gbdvg2agw2","input":"null","workflow":{"name":"lost","stages":[{"name":"only","agent":"broken"}]}}');
INSERT INTO "event" VALUES(18,2,2,95993769146334,2261660018,'{"v":1,"type":"AttemptStarted","at":1795694596.3043542,"stage":"only","attempt":1,"agent":"broken"}');
INSERT INTO "event" VALUES(19,2,3,95993769146334,1641984035,'{"v":1,"type":"AttemptFailed","at":1795694596.3058941,"stage":"only","attempt":1,"then":"fail","failure":{"code":"error","type":"ValueError","message":"this never works"}}');
INSERT INTO "event" VALUES(20,2,4,95993769146334,197512681,'{"v":1,"type":"OperationFailed","at":1795694596.3058941,"stage":"only","failure":{"code":"error","type":"ValueError","message":"this never works"}}');
INSERT INTO "event" VALUES(21,3,1,95993769146334,2962861877,'{"v":1,"type":"OperationAccepted","at":1795694596.308573,"operation_id":"1m8bvt46m3j2nqnfnq","input":"\"for ever\"","workflow":{"name":"long","stages":[{"name":"only","agent":"lasting"}]}}');
INSERT INTO "event" VALUES(22,3,2,95993769146334,1420497201,'{"v":1,"type":"AttemptStarted","at":1795694596.308573,"stage":"only","attempt":1,"agent":"lasting"}');
INSERT INTO "event" VALUES(23,3,3,95993769146334,3689332920,'{"v":1,"type":"CancelRequested","at":1795694596.3183289,"reason":"enough"}');
INSERT INTO "event" VALUES(24,4,1,95993769146334,1695959211,'{"v":1,"type":"OperationAccepted","at":1795694596.3233466,"operation_id":"1m8bvt47328z0qkytx","input":"null","workflow":{"name":"asked","stages":[{"name":"ask","approval":{"question":"Pay?"}},{"name":"pay","agent":"lasting","after":["ask"]}]}}');
INSERT INTO "event" VALUES(25,4,2,95993769146334,999475277,'{"v":1,"type":"ApprovalRequested","at":1795694596.3233466,"stage":"ask","question":"Pay?"}');
INSERT INTO "event" VALUES(26,3,4,95993769146334,4044298528,'{"v":1,"type":"AttemptCancelled","at":1795694596.3237386,"stage":"only","attempt":1}');
INSERT INTO "event" VALUES(27,3,5,95993769146334,4187219270,'{"v":1,"type":"OperationCancelled","at":1795694596.3237386,"reason":"enough"}');
INSERT INTO "event" VALUES(28,5,1,95993769146334,1391682999,'{"v":1,"type":"OperationAccepted","at":1795694596.3303847,"operation_id":"kcd6f7e022597d8d65633139c5","input":"\"for ever\"","key":"the long one","workflow":{"name":"long","stages":[{"name":"only","agent":"lasting"}]}}');
INSERT INTO "event" VALUES(29,5,2,95993769146334,2232309277,'{"v":1,"type":"AttemptStarted","at":1795694596.3303847,"stage":"only","attempt":1,"agent":"lasting"}');
INSERT INTO "event" VALUES(30,6,1,95993769146334,1156095526,'{"v":1,"type":"ContextUpdated","at":1795694596.3418283,"context":"{\"keys\":{\"VFF2WMD5y6gO\":{\"hash\":\"b143282f4b571b9c6b540a9d7e90cee557a20b8af53e2afe66694fe5fb24c2be\",\"name\":\"ada\",\"tenant\":\"acme\",\"scopes\":[\"read\"],\"roles\":[],\"created_at\":1795694596.3329022,\"expires_at\":null,\"revoked_at\":null}}}","merges":"{\"keys\":\"deep_merge\"}","by":"keys"}');
INSERT INTO "event" VALUES(31,7,1,95993769146334,4030728870,'{"v":1,"type":"ContextUpdated","at":1795694596.3494067,"context":"{\"key\":\"agk_VFF2WMD5y6gO_czlTlibwFU648ac15wUTZxhecYv5VHt12ZrXLK\"}","by":"ada"}');
CREATE TABLE stream (
        no integer primary key, id text not null unique, version integer not null,
        owner text, token integer not null,
        name text, status text, ended integer, parked integer, created_at real, updated_at real,
        wake_at real, waiting text, tenant text);
INSERT INTO "stream" VALUES(1,'1m8bvt45a3vvg8xbz6',16,NULL,1,'round','completed',1,0,1.79569459626657366752e+09,1.79569459630281186108e+09,NULL,NULL,NULL);
INSERT INTO "stream" VALUES(2,'1m8bvt46gbdvg2agw2',4,NULL,1,'lost','failed',1,0,1.7956945963043541908e+09,1.7956945963058941364e+09,NULL,NULL,NULL);
INSERT INTO "stream" VALUES(3,'1m8bvt46m3j2nqnfnq',5,NULL,1,'long','cancelled',1,0,1.79569459630857300759e+09,1.795694596323738575e+09,NULL,NULL,NULL);
INSERT INTO "stream" VALUES(4,'1m8bvt47328z0qkytx',2,NULL,1,'asked','running',0,1,1.79569459632334661484e+09,1.79569459632334661484e+09,NULL,'approval',NULL);
INSERT INTO "stream" VALUES(5,'kcd6f7e022597d8d65633139c5',2,NULL,1,'long','running',0,0,1.79569459633038473128e+09,1.79569459633038473128e+09,NULL,NULL,NULL);
INSERT INTO "stream" VALUES(6,'context[null,"agentkit.keys"]',1,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "stream" VALUES(7,'context[null,"kept"]',1,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE INDEX stream_newest on stream (created_at, id) where name is not null;
CREATE INDEX stream_open on stream (created_at, id) where ended = 0 and parked = 0;
CREATE INDEX stream_asleep on stream (wake_at) where ended = 0 and parked = 1 and wake_at is not null;
CREATE INDEX stream_waiting on stream (created_at, id) where waiting is not null;
CREATE INDEX stream_tenant on stream (tenant, created_at, id) where tenant is not null;
CREATE UNIQUE INDEX event_place on event (stream_no, seq);
COMMIT;
