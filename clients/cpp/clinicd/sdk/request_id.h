// Ids with which a change is made once, however often it is asked for.
#pragma once

#include <google/protobuf/message.h>

#include <string>

namespace clinicd::sdk {

// A new random UUID (version 4) for a new intent. A repetition has the id of the first attempt.
std::string NewRequestId();

// Gives the message a new `request_id` if it has such a field and it is empty.
void FillRequestId(google::protobuf::Message& request);

// At random between half of `whole` and all of it, so that clients that failed together do not come
// back together.
double Jittered(double whole);

}  // namespace clinicd::sdk
