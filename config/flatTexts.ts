/**
 * To be imported before whatever imports msgpackr. Its native reader gives texts as views of all text of a message, so that
 * a short id that is kept keeps a kilobyte; its own reader gives texts that stand alone, and takes a fifth longer.
 */
process.env.MSGPACKR_NATIVE_ACCELERATION_DISABLED = 'true'
