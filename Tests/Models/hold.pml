/*
 * One hold from the call that made it to its end, over every interleaving and a crash at any moment: `deploy/prove model`.
 *
 * It mirrors
 *   Sources/Holds/HoldState.swift          the states, and `leads(to:)`
 *   Sources/Stores/StoreThread.swift       transactions in memory, and the sync after which their callers go on
 *   Sources/Stores/HoldTable.swift         the compare-and-swap: one version further, or nothing
 *   Sources/Holds/Gate+Decisions.swift     approve (votes), reject, reopen, resolve, and an edit
 *   Sources/Holds/Gate+Sending.swift       begin, finish, returnUnsent, loseTrack, recover
 *   Sources/Holds/Gate+Clock.swift         keepTime
 *   Sources/Holds/Permit.swift             spend: the kill switch is looked at once more before the first byte
 *   Sources/Proxy/Dispatcher.swift         send: connect, spend, write, answer
 *
 * Two operators, two connections that would send, the clock, an agent that takes its call back, the kill switch, a store
 * and a journal that may refuse, crashes and the starts after them. A digest is a number: 0 is what the agent sent, an
 * edit makes the next one. Leave out one guard and `pan` shows the way to the wrong (-D below; the proof tries each).
 */

#ifndef PEOPLE
#define PEOPLE 2
#endif
#ifndef QUORUM
#define QUORUM PEOPLE
#endif
#ifndef LOOKS
#define LOOKS 2
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#define EDITS 1
#define REOPENINGS 1
#define STALES 1

mtype = { nothing, pending, approved, rejected, expired, killed, withdrawn, sending, done, uncertain, resolved, stale };

/* A row as memory has it, and as the disk has it. What is decided is decided on a copy: only the version says whether it
   is still true. */
typedef Row {
    mtype state = nothing;
    byte version;
    byte digest;
    byte votes;                 /* a bit for each operator, all for `digest` */
    byte author;                /* the bit of whose edit it is */
    bool approvedOf[2]          /* an approval of that digest was given */
};
Row row;
Row disk;
/* The journal's call.send for the version that is being sent, in memory and on disk. */
byte line;
byte diskLine;

/* Memory only. */
bool up = true;
byte life;                      /* what began in an earlier process goes no further */
bool isKilled;
byte permits;

/* What the world saw. */
byte sends;
byte approvals;
bool announced;
bool answered;
byte deliveries;
byte confirmed;                 /* the version that an operator was told of */
byte gave[2];                   /* whose yes each digest has had */
byte authors[2];                /* whose edit each digest is */

byte crashes;
byte edits;
byte reopenings;
byte stales;

#define alive (up && life == mine)
#define open(s) (s == pending || s == stale)
#define unsent (open(row.state) || row.state == approved)
#define people(v) ((v & 1) + ((v >> 1) & 1))

#ifdef NO_SYNC
#define written(v) true
#else
#define written(v) (disk.version >= v)
#endif
#ifdef NO_COMPARE
#define current true
#else
#define current (row.version == seen)
#endif

#ifdef OWN_EDIT
#define ofAnother true
#else
#define ofAnother (author != me)
#endif
#ifdef KEEP_VOTES
#define votesAfterEdit votes
#else
#define votesAfterEdit 0
#endif
#ifdef NO_LINE
#define lineWritten true
#else
#define lineWritten (diskLine == mark)
#endif
#ifdef NO_LAST_LOOK
#define lastLook true
#else
#define lastLook (!isKilled)
#endif
#ifdef SEND_AGAIN
#define afterCrash approved
#else
#define afterCrash uncertain
#endif

inline put(next) { row.state = next; row.version++; mark = row.version }

inline save() {
    disk.state = row.state; disk.version = row.version; disk.digest = row.digest; disk.votes = row.votes;
    disk.author = row.author; disk.approvedOf[0] = row.approvedOf[0]; disk.approvedOf[1] = row.approvedOf[1]
}

inline load() {
    row.state = disk.state; row.version = disk.version; row.digest = disk.digest; row.votes = disk.votes;
    row.author = disk.author; row.approvedOf[0] = disk.approvedOf[0]; row.approvedOf[1] = disk.approvedOf[1];
    line = diskLine
}

/* Group commit: whatever the store has in memory reaches the disk together, at any moment; the journal likewise. */
proctype Disk() {
    do
    :: d_step { up && disk.version != row.version -> save() }
    :: d_step { up && diskLine != line -> diskLine = line }
    od
}

/* Gate.admit: the store, then the journal, then the agent is told. */
proctype Admission() {
    byte mine = life;
    byte mark;
    if
    :: d_step { alive && row.state == nothing -> put(pending) }
    :: skip -> goto refused                                         /* the disk is full */
    fi;
    if
    :: atomic { alive && written(mark) -> announced = true }
    :: !alive
    fi;
refused: skip
}

/* A person looks, and says yes, no, or changes it; takes a rejection back; finds out what became of a lost one. */
proctype Person(byte me) {
    byte mine; byte seen; byte mark; byte looks; byte votes; byte author; byte shown;
    mtype was;
look:
    seen = 0; mark = 0; votes = 0; author = 0; shown = 0; was = nothing;
    if
    :: looks >= LOOKS -> goto out
    :: else -> looks++
    fi;
    d_step {
        up && announced -> mine = life; seen = row.version; was = row.state; votes = row.votes; author = row.author;
        shown = row.digest
    };
    if
    :: d_step { alive && current && open(was) && !(votes & me) && ofAnother ->
           row.votes = votes | me; gave[shown] = gave[shown] | me;
           if
           :: people(row.votes) >= QUORUM -> row.approvedOf[shown] = true; approvals++; put(approved)
           :: else -> put(was)
           fi }
    :: d_step { alive && current && open(was) -> put(rejected) }
    :: d_step { alive && current && was == rejected && reopenings < REOPENINGS ->
           reopenings++; row.votes = 0; put(pending) }
    :: d_step { alive && current && open(was) && edits < EDITS ->
           edits++; row.digest = edits; row.author = me; authors[edits] = me; row.votes = votesAfterEdit; put(was) }
    :: d_step { alive && current && was == uncertain -> put(resolved) }
    :: skip -> goto look                                            /* the store refused, or somebody was first */
    fi;
    if
    :: d_step { alive && written(mark) ->
           if
           :: mark > confirmed -> confirmed = mark
           :: else
           fi }
    :: !alive
    fi;
    goto look;
out: skip
}

/* A connection that would send: the agent's, a second one of the same call, or `--now`. */
proctype Sender() {
    byte mine; byte seen; byte what; byte mark; byte tries;
again:
    seen = 0; what = 0; mark = 0;
    if
    :: tries >= 2 -> goto out
    :: else -> tries++
    fi;
    d_step { up && row.state == approved -> mine = life; seen = row.version; what = row.digest };
    /* begin: judged once more, and back to a person where the rules are stricter by now. */
    if
    :: d_step { alive && current && stales < STALES ->
           stales++; row.votes = 0; put(stale) } -> goto again
    :: d_step { alive && current && !isKilled ->
           put(sending); line = row.version }                       /* the line is added within the transaction */
    :: skip -> goto again
    fi;
    if
    :: atomic { alive && written(mark) && lineWritten -> permits++ }
    :: d_step { alive && row.state == sending && row.version == mark -> put(approved) } -> goto again  /* the journal is down */
    :: !alive -> goto again
    fi;
    /* Connected or not; then spend looks once more, right before the first byte. */
    if
    :: atomic { alive && lastLook ->
           assert(permits == 1);                                    /* one approval, one permit */
           assert(!isKilled);
           assert(disk.approvedOf[what]);                           /* 1: a durable approval of that very digest */
           assert(people(gave[what]) >= QUORUM);                    /* by as many people as are asked */
           assert(!(gave[what] & authors[what]));                   /* none of whom made it */
           assert(disk.state == sending && diskLine == disk.version);   /* written before the first byte */
           sends++;
           assert(sends <= approvals) }                             /* 2: spent at most once */
    :: d_step { alive && isKilled && row.version == mark -> permits--; put(killed) } -> goto out
    :: d_step { alive && row.version == mark -> permits--; put(approved) } -> goto again
    :: !alive -> goto again
    fi;
    /* The answer comes whole or not. */
    if
    :: d_step { alive && row.version == mark -> answered = true; permits--; put(done) }
    :: d_step { alive && row.version == mark -> permits--; put(uncertain) } -> goto out
    :: !alive -> goto again
    fi;
    atomic { deliveries++; assert(answered && deliveries == 1) }    /* 5 */
out: skip
}

/* Time, which is never a decision; the agent, who takes the call back; the kill switch, which is set before holds end. */
proctype Ending() {
    byte mark;
    if
    :: d_step { up && unsent -> put(expired) }
    :: d_step { up && unsent -> put(withdrawn) }
    :: atomic { up -> isKilled = true };
       if
       :: d_step { up && unsent -> put(killed) }
       :: !unsent
       fi
    :: skip
    fi
}

/* kill -9 at any moment, and the start after it: what was being sent is uncertain, and never sent again by itself. */
proctype Crash() {
    byte mark;
    do
    :: atomic { up && crashes < CRASHES -> crashes++; up = false; life++; permits = 0 };
       d_step {
           load();
           if
           :: row.state == sending -> put(afterCrash)
           :: else
           fi;
           save();
           up = true;
           /* 3 and 4: what an operator was told of, and what the agent was told of, is there. */
           assert(disk.version >= confirmed);
           assert(!announced || disk.state != nothing)
       }
    :: break
    od
}

init {
    atomic {
        run Disk(); run Admission(); run Person(1); run Sender(); run Sender(); run Ending(); run Crash();
        if
        :: PEOPLE == 2 -> run Person(2)
        :: else
        fi
    }
}
