/** Tests that mean a warning listen to it; of others nobody wants to read that their batches are small. */
const emit = process.emitWarning;

process.emitWarning = ((warning: string, ...how: never[]) => {
  if (how[0] !== 'ConvoltWarning') emit(warning, ...how);
}) as typeof process.emitWarning;
