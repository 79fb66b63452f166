// The two macros of the project: early return on an error status.
#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define CLINICD_CONCAT_INNER_(a, b) a##b
#define CLINICD_CONCAT_(a, b) CLINICD_CONCAT_INNER_(a, b)

// Returns the status of `expression` from the enclosing function unless it is OK.
#define CLINICD_RETURN_IF_ERROR(expression)                          \
  do {                                                               \
    absl::Status clinicd_status_ = (expression);                     \
    if (!clinicd_status_.ok()) return clinicd_status_;               \
  } while (false)

#define CLINICD_ASSIGN_OR_RETURN_(result, declaration, expression)   \
  auto result = (expression);                                        \
  if (!result.ok()) return std::move(result).status();               \
  declaration = *std::move(result)

// Evaluates a StatusOr; assigns its value to `declaration` or returns its status.
#define CLINICD_ASSIGN_OR_RETURN(declaration, expression) \
  CLINICD_ASSIGN_OR_RETURN_(CLINICD_CONCAT_(clinicd_result_, __LINE__), declaration, expression)
