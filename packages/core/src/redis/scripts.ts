/** Built from `lua/*.lua` by `pnpm lua`: do not edit. */
import type { Script } from './driver.ts';

export const scripts: Readonly<Record<'changes' | 'cleanup' | 'detail' | 'expired' | 'heartbeat' | 'register' | 'unregister' | 'update', Script>> = {
  changes: {
    sha: '0f9cb8de4d4d82098198f5be22b941c031ec86b3',
    source: `local l=redis.call('TIME')
local o=l[1]*1000000+l[2]
local function i(z)return string.format('%.0f',z)end
local g=redis.call('HMGET',KEYS[4],'epoch','version','told','floor','schema')
if g[5]and g[5]~='1'then error('SCHEMA '..g[5])end
local A,c,j,aQ=g[1]or'none',g[2]or'0',g[3]or'0',g[4]or'0'
local aa,ap,at,an=ARGV[2],ARGV[3],0,ARGV[5]
if A~=ARGV[1]or tonumber(ap)<tonumber(aQ)or tonumber(ap)>tonumber(c)or tonumber(aa)>tonumber(c)then
aa,ap,at,an='0',c,1,'-inf'
end
local P=i(o)
local h={P,A,c,j,at,redis.call('ZCOUNT',KEYS[1],'-inf',P)}
local av=redis.call('ZRANGEBYSCORE',KEYS[1],'('..P,'+inf','WITHSCORES','LIMIT',0,1)
h[7]=av[2]or''
local m={}
if ap~=c then m=redis.call('ZRANGEBYSCORE',KEYS[3],'('..ap,'+inf','WITHSCORES','LIMIT',0,ARGV[4])end
local u={}
local ao=0
if aa~=c then
aa='('..aa
if#m==0 and at==0 and tonumber(ARGV[6])==redis.call('ZCARD',KEYS[2])then ao=redis.call('ZCOUNT',KEYS[2],aa,'+inf')end
if ao<32 or 2*ao<tonumber(ARGV[6])then
ao=0
u=redis.call('ZRANGEBYSCORE',KEYS[2],aa,'+inf','WITHSCORES','LIMIT',0,ARGV[4])
end
end
h[8]=ao>0 and-1 or#u/2
for b=1,#u do h[#h+1]=u[b]end
h[#h+1]=#m/2
for b=1,#m do h[#h+1]=m[b]end
if an~='-inf'then an='('..an end
local aC=redis.call('ZRANGEBYSCORE',KEYS[1],an,P,'LIMIT',0,ARGV[4])
for b=1,#aC do h[#h+1]=aC[b]end
return h`,
  },
  cleanup: {
    sha: '3b90f743bd8b9dd520522da0b61f4bcbb7729621',
    source: `local l=redis.call('TIME')
local o=l[1]*1000000+l[2]
local function i(z)return string.format('%.0f',z)end
local function Z(g,A)
local d=redis.call('HMGET',g,'epoch','version','told','schema')
if d[4]and d[4]~='1'then error('SCHEMA '..d[4])end
if not d[1]and A~=''then redis.call('HSET',g,'schema','1','epoch',A,'floor','0')end
return math.max(tonumber(d[2])or 0,o-1),d[3]or'0'
end
local function V(j)return{j,''}end
local function ab(g,X,c,a)
a[2]=i(c)
redis.call('HSET',g,'version',a[2],'told',a[2])
local y=table.concat(a,'\\t')
if#y>16384 then y=table.concat(a,'\\t',1,2)end
redis.call('PUBLISH',X,y)
end
local function ai(m,g,N,f,c,a)
c=i(c)
redis.call('ZADD',m,c,N..' '..f)
local q=redis.call('ZCARD',m)-10000
if q>0 then
local d=redis.call('ZRANGE',m,q-1,q-1,'WITHSCORES')
redis.call('HSET',g,'floor',d[2])
redis.call('ZREMRANGEBYRANK',m,0,q-1)
end
a[#a+1],a[#a+2],a[#a+3]='-'..c,f,N
end
local h={'',i(o)}
local ae,j=Z(KEYS[5],'')
local c,a=ae,V(j)
for b=0,(#KEYS-5)/2-1 do
local aB,aR,f,aO=KEYS[6+2*b],KEYS[7+2*b],ARGV[2+2*b],ARGV[3+2*b]
local Q=redis.call('ZSCORE',KEYS[1],f)
local T=redis.call('GET',aB)or''
local aE=Q and tonumber(Q)<=o
if aO~=''then aE=redis.call('HEXISTS',KEYS[2],f)==1 and T==string.sub(aO,2)end
if aE then
c=c+1
redis.call('DEL',aB,aR)
redis.call('ZREM',KEYS[1],f)
redis.call('HDEL',KEYS[2],f)
redis.call('ZREM',KEYS[3],f)
ai(KEYS[4],KEYS[5],'expired',f,c,a)
h[#h+1]=b
h[#h+1]=T
end
end
if c>ae then ab(KEYS[5],ARGV[1],c,a)end
local av=redis.call('ZRANGE',KEYS[1],0,0,'WITHSCORES')
h[1]=av[2]or''
return h`,
  },
  detail: {
    sha: '41ce567d7f542d2171fcbbb092505e9d062020ea',
    source: `local l=redis.call('TIME')
local o=l[1]*1000000+l[2]
local function i(z)return string.format('%.0f',z)end
return{i(o),redis.call('GET',KEYS[1])or'',redis.call('GET',KEYS[2])or'',redis.call('ZSCORE',KEYS[3],ARGV[1])or''}`,
  },
  expired: {
    sha: '543343d8c9b01d77650f6c4339cd744fb1389f0c',
    source: `local l=redis.call('TIME')
local o=l[1]*1000000+l[2]
local function i(z)return string.format('%.0f',z)end
return redis.call('ZRANGEBYSCORE',KEYS[1],'-inf',i(o),'LIMIT',ARGV[1],ARGV[2])`,
  },
  heartbeat: {
    sha: 'b81e12a5cead57e410f4fb6322c015e6adcbb72f',
    source: `local l=redis.call('TIME')
local o=l[1]*1000000+l[2]
local function i(z)return string.format('%.0f',z)end
local function af(r,H)return#r-#'registry:incarnations'+#H+1 end
local function ag(r,H,p,d)
local Y=af(r,H)
local n={}
for b=p,d do n[b-p+1]=string.sub(KEYS[b],Y)end
return n
end
local C,aD=#KEYS-2,#ARGV>2
local P,Q=i(o),i(o+ARGV[2])
local aq=string.format('%d.%06d',l[1],l[2])
local al=redis.call('ZCOUNT',KEYS[1],'-inf',P)
local Y,aV,aS=af(KEYS[2],'heartbeat:'),string.sub,KEYS
local h,as={},true
for p=3,C+2,100 do
local d=math.min(p+99,C+2)
local I,B,k={'XX','CH'},{},0
for b=p,d do
local aG=aS[b]
I[k+3],I[k+4]=Q,aV(aG,Y)
B[k+1],B[k+2]=aG,aq
k=k+2
end
local n,w=nil,nil
local aK=true
if aD then
n=ag(KEYS[2],'heartbeat:',p,d)
w=redis.call('HMGET',KEYS[2],unpack(n))
for b=1,#n do
local am=ARGV[p+b-1]
if not w[b]or am~=''and am~=w[b]then aK=false break end
end
end
if aK and redis.call('ZADD',KEYS[1],unpack(I))==d-p+1 then
redis.call('MSET',unpack(B))
for b=p,d do h[b-2]=1 end
else
n=n or ag(KEYS[2],'heartbeat:',p,d)
w=w or redis.call('HMGET',KEYS[2],unpack(n))
I,B,k={},{},0
for b=1,#n do
local am=aD and ARGV[p+b-1]or''
if not w[b]then
h[p+b-3],as=0,false
elseif am~=''and am~=w[b]then
h[p+b-3],as=-1,false
else
h[p+b-3]=1
I[k+1],I[k+2]=Q,n[b]
B[k+1],B[k+2]=KEYS[p+b-1],aq
k=k+2
end
end
if k>0 then
redis.call('ZADD',KEYS[1],unpack(I))
redis.call('MSET',unpack(B))
end
end
end
if al>0 and redis.call('ZCOUNT',KEYS[1],'-inf',P)<al then redis.call('PUBLISH',ARGV[1],'')end
if as then return C end
return h`,
  },
  register: {
    sha: 'cdffdd6adfdfcc2f93789ff133ecc0a302be5e22',
    source: `local l=redis.call('TIME')
local o=l[1]*1000000+l[2]
local function i(z)return string.format('%.0f',z)end
local function af(r,H)return#r-#'registry:incarnations'+#H+1 end
local function ag(r,H,p,d)
local Y=af(r,H)
local n={}
for b=p,d do n[b-p+1]=string.sub(KEYS[b],Y)end
return n
end
local function Z(g,A)
local d=redis.call('HMGET',g,'epoch','version','told','schema')
if d[4]and d[4]~='1'then error('SCHEMA '..d[4])end
if not d[1]and A~=''then redis.call('HSET',g,'schema','1','epoch',A,'floor','0')end
return math.max(tonumber(d[2])or 0,o-1),d[3]or'0'
end
local function V(j)return{j,''}end
local function ab(g,X,c,a)
a[2]=i(c)
redis.call('HSET',g,'version',a[2],'told',a[2])
local y=table.concat(a,'\\t')
if#y>16384 then y=table.concat(a,'\\t',1,2)end
redis.call('PUBLISH',X,y)
end
local function ai(m,g,N,f,c,a)
c=i(c)
redis.call('ZADD',m,c,N..' '..f)
local q=redis.call('ZCARD',m)-10000
if q>0 then
local d=redis.call('ZRANGE',m,q-1,q-1,'WITHSCORES')
redis.call('HSET',g,'floor',d[2])
redis.call('ZREMRANGEBYRANK',m,0,q-1)
end
a[#a+1],a[#a+2],a[#a+3]='-'..c,f,N
end
local az='^{"url":"[^"]*","port":%d+(),"health":(%a+),"in_flight_requests":([^,]+),"rif_avg_latency":([^,]+),"overall_avg_latency":([^,]+),"draining":(%a+),"metrics_updated_at_ms":([^,]+),"version":%d+,"registered_at_ms":([^,]+),"incarnation":()'
local function ay(D)
local x,G,J,K,L,F,k,aw,t=string.match(D,az)
if not x then return nil end
return{address=string.sub(D,1,x-1),health=G,draining=F,m1=J,m2=K,m3=L,at=k,registered=aw,
rest=string.sub(D,t)}
end
local function D(x,e,c,t)
return x..',"health":'..e.health..',"in_flight_requests":'..e.m1 ..',"rif_avg_latency":'..e.m2 ..',"overall_avg_latency":'..e.m3 ..
',"draining":'..e.draining..',"metrics_updated_at_ms":'..e.at..',"version":'..c..',"registered_at_ms":'..e.registered..
',"incarnation":'..t
end
local function ar(e,R)
local G,F,J,K,L=string.match(R,'^(%a*),(%a*),([^,]*),([^,]*),([^,]*)$')
local j,O=false,false
if G~=''and G~=e.health then e.health,j=G,true end
if F~=''and F~=e.draining then e.draining,j=F,true end
if J~=''and J~=e.m1 then e.m1,O=J,true end
if K~=''and K~=e.m2 then e.m2,O=K,true end
if L~=''and L~=e.m3 then e.m3,O=L,true end
if O then e.at=i(math.floor(o/1000))end
return j or O,j
end
local C=(#KEYS-5)/2
local n=ag(KEYS[2],'backend:',6,5+C)
local w=redis.call('HMGET',KEYS[2],unpack(n))
local T=redis.call('MGET',unpack(KEYS,6,5+C))
local ae,j=Z(KEYS[5],ARGV[2])
local c=ae
local aq=string.format('%d.%06d',l[1],l[2])
local aI=i(math.floor(o/1000))
local aU='^,"health":%a+,"in_flight_requests":[^,]+,"rif_avg_latency":[^,]+,"overall_avg_latency":[^,]+,"draining":%a+,"metrics_updated_at_ms":[^,]+(),"version":%d+(),"registered_at_ms":[^,]+,"incarnation":()'
local S,I,ac,r,ak,h,aJ={},{},{},{},{},{},{}
local a,aL,au,Q,aM=V(j),false,nil,nil,nil
local W,B,u=0,0,0
for b=1,C do
local f,ad=n[b],5*b-2
local x,U,R,aj=ARGV[ad],ARGV[ad+1],ARGV[ad+3],ARGV[ad+4]
if ARGV[ad+2]~=au then
au=ARGV[ad+2]
Q=i(o+au)
aM='+'..Q
end
local d=aJ[f]
aJ[f]=b
local s,M=w[b],T[b]
if d then s,M=w[d],T[d]end
local aF,aN,t
if s and M and string.sub(M,1,#x)==x then
aF,aN,t=string.match(M,aU,#x+1)
if t and string.sub(M,t,t+#s-1)~=s then t=nil end
end
local aH=string.byte(U)
U=string.sub(U,2)
local ah,E,k
if s and aH==33 then
ah,E='known',''
elseif t and(aH~=61 or U==s)then
local aT=#M-t+1==#s+#aj and string.sub(M,t+#s)==aj
local e=R~=''and ay(M)
if e and ar(e,R)or not aT then
c=c+1
ah,k='updated',i(c)
if e then E=D(x,e,k,s..aj)
else E=string.sub(M,1,aF-1)..',"version":'..k..string.sub(M,aN,t-1)..s..aj end
else
ah,E,aL='renewed',M,true
end
else
ah=t and'replaced'or'registered'
s=U
local e={health='true',m1='0',m2='0',m3='0',draining='false',at='null',registered=aI}
if R~=''then
ar(e,R)
if string.find(R,'%d')then e.at=aI end
end
c=c+1
k=i(c)
E=D(x,e,k,s..aj)
r[#r+1],r[#r+2]=f,s
ak[#ak+1],ak[#ak+2]='unregistered '..f,'expired '..f
end
if k then
S[W+1],S[W+2]=KEYS[5+b],E
ac[2*u+1],ac[2*u+2]=k,f
a[3*u+3],a[3*u+4],a[3*u+5]=aM,f,E
W,u=W+2,u+1
end
if ah~='known'then
S[W+1],S[W+2]=KEYS[5+C+b],aq
I[2*B+1],I[2*B+2]=Q,f
W,B=W+2,B+1
T[b]=E
end
w[b]=s
h[2*b-1],h[2*b]=ah,E
end
local P=i(o)
local al=aL and redis.call('ZCOUNT',KEYS[1],'-inf',P)or 0
if#r>0 then
redis.call('HSET',KEYS[2],unpack(r))
redis.call('ZREM',KEYS[4],unpack(ak))
end
if B>0 then
redis.call('MSET',unpack(S))
redis.call('ZADD',KEYS[1],unpack(I))
end
if c>ae then redis.call('ZADD',KEYS[3],unpack(ac))end
local aA=al>0 and redis.call('ZCOUNT',KEYS[1],'-inf',P)<al
if c>ae then ab(KEYS[5],ARGV[1],c,aA and V(j)or a)
elseif aA then redis.call('PUBLISH',ARGV[1],'')end
return h`,
  },
  unregister: {
    sha: '10dd5175c9a516a35797123c8ef449f47330990e',
    source: `local l=redis.call('TIME')
local o=l[1]*1000000+l[2]
local function i(z)return string.format('%.0f',z)end
local function Z(g,A)
local d=redis.call('HMGET',g,'epoch','version','told','schema')
if d[4]and d[4]~='1'then error('SCHEMA '..d[4])end
if not d[1]and A~=''then redis.call('HSET',g,'schema','1','epoch',A,'floor','0')end
return math.max(tonumber(d[2])or 0,o-1),d[3]or'0'
end
local function V(j)return{j,''}end
local function ab(g,X,c,a)
a[2]=i(c)
redis.call('HSET',g,'version',a[2],'told',a[2])
local y=table.concat(a,'\\t')
if#y>16384 then y=table.concat(a,'\\t',1,2)end
redis.call('PUBLISH',X,y)
end
local function ai(m,g,N,f,c,a)
c=i(c)
redis.call('ZADD',m,c,N..' '..f)
local q=redis.call('ZCARD',m)-10000
if q>0 then
local d=redis.call('ZRANGE',m,q-1,q-1,'WITHSCORES')
redis.call('HSET',g,'floor',d[2])
redis.call('ZREMRANGEBYRANK',m,0,q-1)
end
a[#a+1],a[#a+2],a[#a+3]='-'..c,f,N
end
local w=redis.call('HGET',KEYS[4],ARGV[2])
if not w then return 0 end
if ARGV[3]~=''and ARGV[3]~=w then return-1 end
local c,j=Z(KEYS[7],'')
c=c+1
redis.call('DEL',KEYS[1],KEYS[2])
redis.call('ZREM',KEYS[3],ARGV[2])
redis.call('HDEL',KEYS[4],ARGV[2])
redis.call('ZREM',KEYS[5],ARGV[2])
local a=V(j)
ai(KEYS[6],KEYS[7],'unregistered',ARGV[2],c,a)
ab(KEYS[7],ARGV[1],c,a)
return 1`,
  },
  update: {
    sha: '73e49ffe15e9ed1fc20c9ba190f43b0c32e2dc5a',
    source: `local l=redis.call('TIME')
local o=l[1]*1000000+l[2]
local function i(z)return string.format('%.0f',z)end
local function af(r,H)return#r-#'registry:incarnations'+#H+1 end
local function ag(r,H,p,d)
local Y=af(r,H)
local n={}
for b=p,d do n[b-p+1]=string.sub(KEYS[b],Y)end
return n
end
local function Z(g,A)
local d=redis.call('HMGET',g,'epoch','version','told','schema')
if d[4]and d[4]~='1'then error('SCHEMA '..d[4])end
if not d[1]and A~=''then redis.call('HSET',g,'schema','1','epoch',A,'floor','0')end
return math.max(tonumber(d[2])or 0,o-1),d[3]or'0'
end
local function V(j)return{j,''}end
local function ab(g,X,c,a)
a[2]=i(c)
redis.call('HSET',g,'version',a[2],'told',a[2])
local y=table.concat(a,'\\t')
if#y>16384 then y=table.concat(a,'\\t',1,2)end
redis.call('PUBLISH',X,y)
end
local function ai(m,g,N,f,c,a)
c=i(c)
redis.call('ZADD',m,c,N..' '..f)
local q=redis.call('ZCARD',m)-10000
if q>0 then
local d=redis.call('ZRANGE',m,q-1,q-1,'WITHSCORES')
redis.call('HSET',g,'floor',d[2])
redis.call('ZREMRANGEBYRANK',m,0,q-1)
end
a[#a+1],a[#a+2],a[#a+3]='-'..c,f,N
end
local az='^{"url":"[^"]*","port":%d+(),"health":(%a+),"in_flight_requests":([^,]+),"rif_avg_latency":([^,]+),"overall_avg_latency":([^,]+),"draining":(%a+),"metrics_updated_at_ms":([^,]+),"version":%d+,"registered_at_ms":([^,]+),"incarnation":()'
local function ay(D)
local x,G,J,K,L,F,k,aw,t=string.match(D,az)
if not x then return nil end
return{address=string.sub(D,1,x-1),health=G,draining=F,m1=J,m2=K,m3=L,at=k,registered=aw,
rest=string.sub(D,t)}
end
local function D(x,e,c,t)
return x..',"health":'..e.health..',"in_flight_requests":'..e.m1 ..',"rif_avg_latency":'..e.m2 ..',"overall_avg_latency":'..e.m3 ..
',"draining":'..e.draining..',"metrics_updated_at_ms":'..e.at..',"version":'..c..',"registered_at_ms":'..e.registered..
',"incarnation":'..t
end
local function ar(e,R)
local G,F,J,K,L=string.match(R,'^(%a*),(%a*),([^,]*),([^,]*),([^,]*)$')
local j,O=false,false
if G~=''and G~=e.health then e.health,j=G,true end
if F~=''and F~=e.draining then e.draining,j=F,true end
if J~=''and J~=e.m1 then e.m1,O=J,true end
if K~=''and K~=e.m2 then e.m2,O=K,true end
if L~=''and L~=e.m3 then e.m3,O=L,true end
if O then e.at=i(math.floor(o/1000))end
return j or O,j
end
local C=#KEYS-3
local n=ag(KEYS[1],'backend:',4,3+C)
local w=redis.call('HMGET',KEYS[1],unpack(n))
local T=redis.call('MGET',unpack(KEYS,4,3+C))
local h,ax,u={},{},{}
for b=1,C do
local f,U,s=n[b],ARGV[2*b],w[b]
local v=ax[f]
if not v then
v=s and T[b]and ay(T[b])
if v then
v.key=KEYS[3+b]
ax[f]=v
end
end
if not s then
h[b]=-1
elseif U~=''and U~=s then
h[b]=-2
elseif not v then
h[b]=-1
else
local aP,j=ar(v,ARGV[2*b+1])
h[b]=aP and 1 or 0
v.told=v.told or j
if aP and not v.changed then
v.changed=true
u[#u+1]=f
end
end
end
if#u>0 then
local c,j=Z(KEYS[3],'')
local S,ac,a={},{},V(j)
for b,f in ipairs(u)do
local v=ax[f]
c=c+1
local k=i(c)
local E=D(v.address,v,k,v.rest)
S[2*b-1],S[2*b]=v.key,E
ac[2*b-1],ac[2*b]=k,f
if v.told then a[#a+1],a[#a+2],a[#a+3]='=',f,E end
end
redis.call('MSET',unpack(S))
redis.call('ZADD',KEYS[2],unpack(ac))
if#a>2 then ab(KEYS[3],ARGV[1],c,a)
else redis.call('HSET',KEYS[3],'version',i(c))end
end
return h`,
  },
};
